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
import { addressOf } from "../address.ts";
import { failure } from "../answers.ts";
import { ownSecret, Pseudonyms } from "../pseudonyms.ts";
import { readSettings } from "../settings.ts";
import { Connection, type Identity } from "./connection.ts";
import { refusal } from "./event-rules.ts";
import { countValues, type Filter } from "./filter.ts";
import { answerHttp } from "./information.ts";
import { KeptEvents } from "./kept-events.ts";
import { excess, LIMITS } from "./limits.ts";
import { closed, eose, eventFrame, notice, ok, readMessage } from "./messages.ts";
import { SavedSubscriptions } from "./saved-subscriptions.ts";
import { Share } from "./share.ts";
import { Subscriptions } from "./subscriptions.ts";

const COST = LIMITS.rates.requests;

export class Relay extends DurableObject<Env> {
  readonly #connections = new Map<WebSocket, Connection>();
  readonly #subscriptions = new Subscriptions<Connection>();
  readonly #saved: SavedSubscriptions;
  readonly #kept: KeptEvents;
  readonly #pseudonyms: Pseudonyms;
  readonly #shares = new LRUCache<string, Share>({ max: LIMITS.addresses });
  readonly #seen = new LRUCache<string, true>({ max: LIMITS.seenIds });
  #isPruningScheduled: boolean;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#pseudonyms = new Pseudonyms(ownSecret(ctx.storage));
    this.#saved = new SavedSubscriptions(ctx.storage.sql);
    this.#kept = new KeptEvents(ctx.storage.sql);
    // The alarm outlives the memory; set again at every awakening, it would never come.
    this.#isPruningScheduled = !this.#kept.isEmpty;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(HEARTBEAT.request, HEARTBEAT.response));
    this.#wake();
  }

  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return answerHttp(request);
    const address = await this.#pseudonyms.of(addressOf(request));
    if (this.#connections.size >= LIMITS.connections) {
      return failure(503, "the relay is full", { "retry-after": "60" });
    }
    if (this.#shareOf(address).connections.size >= readSettings(this.env).maxRelayConnectionsPerAddress) {
      return failure(429, "too many connections from this address", { "retry-after": "60" });
    }
    const { 0: client, 1: socket } = new WebSocketPair();
    this.ctx.acceptWebSocket(socket);
    const identity: Identity = { id: crypto.randomUUID(), address };
    socket.serializeAttachment(identity);
    this.#connect(socket, identity);
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
        if (message.subscription !== undefined) this.#unsubscribe(connection, message.subscription);
        connection.send(message.answer);
        return message.isNonsense ? connection.sentNonsense() : connection.wasRefused(now);
    }
  }

  #publish(connection: Connection, event: NostrEvent, now: number): CloseCode | undefined {
    const refuse = (reason: string) => {
      connection.send(ok(event.id, false, reason));
      return connection.wasRefused(now);
    };
    const { events, volume } = connection.share;
    const json = JSON.stringify(event);
    if (events.take(now) > 0) return refuse("rate-limited: too many events");
    if (volume.take(now, json.length) > 0) return refuse("rate-limited: too much in too short a time");
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
    this.#deliver(event, json, now);
    connection.send(ok(event.id, true, ""));
    return undefined;
  }

  #deliver(event: NostrEvent, json: string, now: number): void {
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
    const { requests } = connection.share;
    const values = filters.reduce((sum, filter) => sum + countValues(filter), 0);
    if (requests.take(now, 1 + values / COST.values) > 0) return refuse("rate-limited: too many requests");
    this.#subscriptions.set(connection, id, filters);
    const loadOf = (each: Connection) => this.#subscriptions.load(each);
    const reason = excess(loadOf(connection), connection.share.load(loadOf), this.#subscriptions.total);
    if (reason !== undefined) {
      this.#subscriptions.delete(connection, id);
      return refuse(`error: ${reason}`);
    }
    connection.behaved();
    this.#saved.set(connection.id, id, filters);
    const { events, rowsRead } = this.#kept.find(filters, now);
    for (const json of events) connection.send(eventFrame(id, json));
    const characters = events.reduce((sum, json) => sum + json.length, 0);
    requests.spend(rowsRead / COST.rows + characters / COST.characters);
    connection.send(eose(id));
    return undefined;
  }

  #unsubscribe(connection: Connection, id: string): void {
    if (this.#subscriptions.delete(connection, id)) this.#saved.delete(connection.id, id);
  }

  #connect(socket: WebSocket, { id, address }: Identity): Connection {
    const connection = new Connection(socket, id, this.#shareOf(address));
    this.#connections.set(socket, connection);
    return connection;
  }

  #shareOf(address: string): Share {
    const share = this.#shares.get(address) ?? new Share();
    this.#shares.set(address, share);
    return share;
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
      const connection = this.#connect(socket, socket.deserializeAttachment());
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
