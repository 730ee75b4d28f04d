/**
 * A Nostr relay for ephemeral events (NIP-01), as one Durable Object that may hibernate under open sockets: what must
 * outlive its memory is in SQLite, and the constructor rebuilds from it.
 */
import { DurableObject } from "cloudflare:workers";
import { LRUCache } from "lru-cache";
import { verifyEvent } from "nostr-tools/pure";
import type { CloseCode } from "../../protocol/close-codes.ts";
import { HEARTBEAT } from "../../protocol/messages.ts";
import type { NostrEvent } from "../../protocol/nostr.ts";
import { Connection } from "./connection.ts";
import { refusal } from "./event-rules.ts";
import type { Filter } from "./filter.ts";
import { answerHttp } from "./information.ts";
import { KeptEvents } from "./kept-events.ts";
import { excess, LIMITS } from "./limits.ts";
import { closed, eose, eventFrame, notice, ok, readMessage } from "./messages.ts";
import { SavedSubscriptions } from "./saved-subscriptions.ts";
import { Subscriptions } from "./subscriptions.ts";

export class Relay extends DurableObject<Env> {
  readonly #connections = new Map<WebSocket, Connection>();
  readonly #subscriptions = new Subscriptions<Connection>();
  readonly #saved: SavedSubscriptions;
  readonly #kept: KeptEvents;
  readonly #seen = new LRUCache<string, true>({ max: LIMITS.seenIds });
  #isPruningScheduled: boolean;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#saved = new SavedSubscriptions(ctx.storage.sql);
    this.#kept = new KeptEvents(ctx.storage.sql);
    // The alarm outlives the memory; set again at every awakening, it would never come.
    this.#isPruningScheduled = !this.#kept.isEmpty;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(HEARTBEAT.request, HEARTBEAT.response));
    this.#wake();
  }

  override fetch(request: Request): Response {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return answerHttp(request);
    if (this.#connections.size >= LIMITS.connections) {
      return new Response("The relay is full.\n", { status: 503, headers: { "retry-after": "60" } });
    }
    const { 0: client, 1: socket } = new WebSocketPair();
    this.ctx.acceptWebSocket(socket);
    this.#connections.set(socket, Connection.accepted(socket));
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    const connection = this.#connections.get(socket);
    // A socket that the relay closed may still deliver what was on its way.
    if (!connection) return;
    try {
      const reason = this.#receive(connection, frame);
      if (reason !== undefined) this.#disconnect(socket, reason);
    } catch (error) {
      console.error("relay: a message failed", error);
      connection.send(notice("error: the relay could not process this message"));
    }
  }

  override webSocketClose(socket: WebSocket): void {
    this.#disconnect(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#disconnect(socket);
  }

  override async alarm(): Promise<void> {
    this.#kept.prune(Date.now());
    this.#isPruningScheduled = false;
    await this.#schedulePruning();
  }

  /** Acts on a frame, and answers it; returns the code when the connection is to be closed for it. */
  #receive(connection: Connection, frame: string | ArrayBuffer): CloseCode | undefined {
    const now = Date.now();
    const message = readMessage(frame);
    switch (message.type) {
      case "EVENT":
        return this.#publish(connection, message.event, now);
      case "REQ":
        return this.#subscribe(connection, message.subscription, message.filters, now);
      case "CLOSE":
        this.#unsubscribe(connection, message.subscription);
        return undefined;
      case "refused":
        connection.send(message.answer);
        return message.isNonsense ? connection.sentNonsense() : connection.wasRefused(now);
    }
  }

  #publish(connection: Connection, event: NostrEvent, now: number): CloseCode | undefined {
    const refuse = (reason: string) => {
      connection.send(ok(event.id, false, reason));
      return connection.wasRefused(now);
    };
    if (connection.events.take(now) > 0) return refuse("rate-limited: too many events");
    const reason = refusal(event, now);
    if (reason !== undefined) return refuse(reason);
    if (this.#seen.has(event.id) || this.#kept.has(event.id)) {
      connection.send(ok(event.id, true, "duplicate: already have this event"));
      return undefined;
    }
    if (!verifyEvent(event)) {
      connection.send(ok(event.id, false, "invalid: the id or the signature is wrong"));
      return connection.sentNonsense();
    }
    connection.behaved();
    this.#deliver(event, now);
    connection.send(ok(event.id, true, ""));
    return undefined;
  }

  #deliver(event: NostrEvent, now: number): void {
    const json = JSON.stringify(event);
    this.#seen.set(event.id, true);
    for (const { owner, id } of this.#subscriptions.matching(event)) owner.send(eventFrame(id, json));
    // Last, for what is sent after a write waits until the write is on disk.
    this.#kept.add(event, json, now);
    this.ctx.waitUntil(this.#schedulePruning());
  }

  #subscribe(connection: Connection, id: string, filters: Filter[], now: number): CloseCode | undefined {
    const refuse = (reason: string) => {
      connection.send(closed(id, reason));
      return connection.wasRefused(now);
    };
    // Also when the new one is refused: a client that reads CLOSED takes the id to be free.
    this.#unsubscribe(connection, id);
    if (connection.requests.take(now) > 0) return refuse("rate-limited: too many requests");
    this.#subscriptions.set(connection, id, filters);
    const reason = excess(this.#subscriptions.load(connection), this.#subscriptions.total);
    if (reason !== undefined) {
      this.#subscriptions.delete(connection, id);
      return refuse(`error: ${reason}`);
    }
    connection.behaved();
    this.#saved.set(connection.id, id, filters);
    for (const json of this.#kept.find(filters, now)) connection.send(eventFrame(id, json));
    connection.send(eose(id));
    return undefined;
  }

  #unsubscribe(connection: Connection, id: string): void {
    if (this.#subscriptions.delete(connection, id)) this.#saved.delete(connection.id, id);
  }

  #disconnect(socket: WebSocket, reason?: CloseCode): void {
    const connection = this.#connections.get(socket);
    if (!connection) return;
    connection.close(reason);
    this.#connections.delete(socket);
    this.#subscriptions.deleteAll(connection);
    this.#saved.deleteAll(connection.id);
  }

  /** After hibernation, an eviction or a deploy: the sockets that are still there get their subscriptions back. */
  #wake(): void {
    const awake = new Map<string, Connection>();
    for (const socket of this.ctx.getWebSockets()) {
      const connection = Connection.restored(socket);
      this.#connections.set(socket, connection);
      awake.set(connection.id, connection);
    }
    const gone = new Set<string>();
    for (const { socket, id, filters } of this.#saved.all()) {
      const connection = awake.get(socket);
      if (connection) this.#subscriptions.set(connection, id, filters);
      else gone.add(socket);
    }
    for (const socket of gone) this.#saved.deleteAll(socket);
  }

  /** There is an alarm whenever something is kept: a second late, so that what came together goes together. */
  async #schedulePruning(): Promise<void> {
    if (this.#isPruningScheduled || this.#kept.isEmpty) return;
    this.#isPruningScheduled = true;
    await this.ctx.storage.setAlarm(Date.now() + (LIMITS.kept.time + 1) * 1_000);
  }
}
