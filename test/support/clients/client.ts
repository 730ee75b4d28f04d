/** What every NIP-46 client does, in whatever words: each library has an adapter beside this file. */
import type { NostrEvent } from "../../../protocol/nostr.ts";
import type { Scheme } from "../../../worker/crypto/conversation-key.ts";

export interface Draft {
  kind: number;
  content: string;
  tags: string[][];
  created_at: number;
}

export interface Library {
  name: string;
  /** What it says when it is refused, where it does not pass on the signer's reason. */
  refusal?: RegExp;
  /** Reads a `bunker://` URI and connects with the client's own secret key. Rejects when it is refused. */
  connect(uri: string, secret: Uint8Array): Promise<Client>;
  /** Makes a `nostrconnect://` URI, where the library can, and waits for a signer to greet it with its secret. */
  invite?(relay: string, secret: Uint8Array): Promise<{ uri: string; connected: Promise<Client> }>;
}

/** What a library does not offer is left out. */
export interface Client {
  getPublicKey(): Promise<string>;
  signEvent(draft: Draft): Promise<NostrEvent>;
  encrypt(scheme: Scheme, peer: string, text: string): Promise<string>;
  decrypt(scheme: Scheme, peer: string, text: string): Promise<string>;
  ping?(): Promise<unknown>;
  /** What the signer says, or what the library makes of it. */
  switchRelays?(): Promise<unknown>;
  logout?(): Promise<unknown>;
  close(): void | Promise<void>;
}
