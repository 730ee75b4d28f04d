/**
 * A NIP-46 client that shows what is on the wire: it waits for the one reply to each request, tells which
 * encryption it came in, and can send what no decent client would.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import * as nip04 from "nostr-tools/nip04";
import * as nip44 from "nostr-tools/nip44";
import { finalizeEvent, generateSecretKey, getPublicKey } from "nostr-tools/pure";
import { WebSocket } from "ws";
import { NOSTR_CONNECT, type NostrEvent } from "../../protocol/nostr.ts";
import type { Scheme } from "../../worker/crypto/conversation-key.ts";

export interface Reply {
  id: string;
  result: unknown;
  error?: string;
  scheme: Scheme;
}

export class Nip46Client {
  readonly secret: Uint8Array;
  readonly pubkey: string;
  readonly #socket: WebSocket;
  readonly #signer: string;
  readonly #waiting = new Map<string, (reply: Reply) => void>();
  /** Replies, in the order in which they came; also those that nobody waits for. */
  readonly replies: Reply[] = [];

  static async open(relay: string, signer: string, secret = generateSecretKey()): Promise<Nip46Client> {
    const client = new Nip46Client(relay, signer, secret);
    await once(client.#socket, "open");
    const ready = once(client.#socket, "message");
    const since = Math.floor(Date.now() / 1000) - 5;
    client.sendFrame(["REQ", "replies", { kinds: [NOSTR_CONNECT], "#p": [client.pubkey], since }]);
    await ready;
    return client;
  }

  private constructor(relay: string, signer: string, secret: Uint8Array) {
    this.#signer = signer;
    this.secret = secret;
    this.pubkey = getPublicKey(secret);
    this.#socket = new WebSocket(relay);
    this.#socket.on("message", (data) => this.#receive(JSON.parse(String(data))));
  }

  /** Sends a request and resolves with its reply. */
  async request(method: string, params: string[] = [], scheme: Scheme = "nip44"): Promise<Reply> {
    const id = randomUUID();
    const reply = this.replyTo(id);
    this.publish(this.event(JSON.stringify({ id, method, params }), { scheme }));
    return reply;
  }

  replyTo(id: string): Promise<Reply> {
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  /** The signed event that carries `plaintext`; `content` sends a text of one's own instead of a ciphertext. */
  event(
    plaintext: string,
    {
      scheme = "nip44",
      createdAt = Math.floor(Date.now() / 1000),
      content,
      kind = NOSTR_CONNECT,
    }: { scheme?: Scheme; createdAt?: number; content?: string; kind?: number } = {},
  ): NostrEvent {
    const { id, pubkey, created_at, tags, sig, ...rest } = finalizeEvent(
      {
        kind,
        created_at: createdAt,
        tags: [["p", this.#signer]],
        content: content ?? this.#encrypt(scheme, plaintext),
      },
      this.secret,
    );
    return { id, pubkey, created_at, kind: rest.kind, tags, content: rest.content, sig };
  }

  publish(event: unknown): void {
    this.sendFrame(["EVENT", event]);
  }

  sendFrame(frame: unknown[]): void {
    this.#socket.send(JSON.stringify(frame));
  }

  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.#socket, "close");
    this.#socket.close();
    await closed;
  }

  #encrypt(scheme: Scheme, text: string): string {
    return scheme === "nip44"
      ? nip44.encrypt(text, nip44.getConversationKey(this.secret, this.#signer))
      : nip04.encrypt(this.secret, this.#signer, text);
  }

  #receive([type, , event]: [string, string, NostrEvent]): void {
    if (type !== "EVENT") return;
    const scheme = event.content.includes("?iv=") ? "nip04" : "nip44";
    const text =
      scheme === "nip44"
        ? nip44.decrypt(event.content, nip44.getConversationKey(this.secret, this.#signer))
        : nip04.decrypt(this.secret, this.#signer, event.content);
    const reply: Reply = { ...JSON.parse(text), scheme };
    this.replies.push(reply);
    this.#waiting.get(reply.id)?.(reply);
    this.#waiting.delete(reply.id);
  }
}
