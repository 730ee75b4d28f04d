/**
 * The connection to one relay: the one file that imports NDK. All connections share one NDK instance.
 *
 * NDK is used as the carrier only. Its own reconnecting gives up or waits up to a minute, and its
 * subscriptions are not sent again after a drop and ignore refusals, so both are done here, through the
 * protocol handlers that NDK offers for every message a relay sends (NIP-01: EVENT, EOSE, CLOSED, OK, NOTICE).
 */
import NDK, { NDKRelay } from "@nostr-dev-kit/ndk";
import { NOSTR_CONNECT } from "../protocol/nostr.ts";
import type { Logger } from "./log.ts";
import { RelaySocket } from "./relay-socket.ts";
import { Subscriptions } from "./subscriptions.ts";

// NDK opens its sockets with the global constructor; this one is bounded and notices a dead connection.
Object.assign(globalThis, { WebSocket: RelaySocket });

const ndk = new NDK();

/** Seconds before now from which requests are asked for: what came while the signer was away is still answered. */
const LOOKBACK_SECONDS = 120;
/** A subscription that the relay neither confirms (EOSE) nor refuses (CLOSED) in this time counts as refused. */
const CONFIRM_TIMEOUT_MS = 5_000;
/** Replies kept until the relay says OK, to be sent again after a reconnect; nobody waits for older ones. */
const OUTBOX_SIZE = 10_000;
const OUTBOX_AGE_MS = 60_000;

export interface RelayStatus {
  url: string;
  connected: boolean;
  subscriptions: number;
  /** Subscriptions that the relay has not confirmed. */
  unconfirmed: number;
}

/** What a relay says, and to which relay it was said (its URL). */
export interface RelayListener {
  /** An event of a subscription, unverified. */
  onEvent(event: unknown, relay: string): void;
  /** The relay did not take the event with this id. */
  onRefusal(id: string, relay: string): void;
}

/** How long to wait before the next attempt: a twentieth of the outage so far, from 0.2 s to 30 s. */
export const reconnectDelay = (outageMs: number): number => Math.min(30_000, Math.max(200, outageMs / 20));

/**
 * One relay. Connects for ever, keeps its subscriptions confirmed, and sends replies again after a drop
 * until the relay has said OK.
 */
export class RelayConnection {
  #url: string;
  #log: Logger;
  #relay: NDKRelay;
  #subscriptions = new Subscriptions();
  /** Subscriptions sent and not confirmed yet, with the timer that ends the wait. */
  #unconfirmed = new Map<string, NodeJS.Timeout>();
  #outbox = new Map<string, { frame: string; at: number }>();
  #connected = false;
  #closed = false;
  #lostAt = Date.now();
  /** The last reason why it could not be connected, said once. */
  #failure = "";
  #refusals = 0;
  #retry: NodeJS.Timeout | undefined;
  #flushing: NodeJS.Immediate | undefined;

  constructor(url: string, listener: RelayListener, log: Logger) {
    this.#url = url;
    this.#log = log;
    this.#relay = new NDKRelay(url, undefined, ndk);
    // NDK's watchers would reconnect on their own and mistake an old socket's end for the new one's.
    clearInterval(this.#relay.connectivity["wsStateMonitor"]);
    clearInterval(this.#relay.connectivity["sleepDetector"]);

    const on = (command: string, handle: (message: unknown[]) => void) =>
      this.#relay.registerProtocolHandler(command, (_relay, message) => handle(message));
    on("EVENT", ([, id, event]) => this.#subscriptions.has(String(id)) && listener.onEvent(event, url));
    on("EOSE", ([, id]) => this.#confirmed(String(id)));
    on("CLOSED", ([, id, reason]) => this.#refused(String(id), outside(reason)));
    on("OK", ([, id, accepted, reason]) => {
      const isReply = this.#outbox.delete(String(id));
      if (accepted === true) return;
      listener.onRefusal(String(id), url);
      if (isReply) this.#log.warn({ reason: outside(reason) }, "the relay did not take a reply");
    });
    on("NOTICE", ([, notice]) => this.#log.warn({ notice: outside(notice) }, "the relay says"));
    on("AUTH", () => this.#log.debug("the relay offers authentication"));
  }

  /** Resolves at the first connection. */
  open(): Promise<void> {
    return new Promise((resolve) => {
      this.#relay.on("connect", () => {
        this.#gained();
        resolve();
      });
      this.#relay.on("disconnect", () => this.#lost());
      this.#attempt();
    });
  }

  update(add: string[], remove: string[]): void {
    for (const pubkey of remove) this.#subscriptions.delete(pubkey);
    for (const pubkey of add) this.#subscriptions.add(pubkey);
    this.#flushSoon();
  }

  publish(id: string, frame: string): void {
    this.#outbox.set(id, { frame, at: Date.now() });
    if (this.#outbox.size > OUTBOX_SIZE) {
      const [oldest] = this.#outbox.keys();
      if (oldest) this.#outbox.delete(oldest);
    }
    this.#send(frame);
  }

  /** Sends an event now or never: nobody waits for it after a reconnect. */
  publishNow(frame: string): void {
    if (this.#connected) this.#send(frame);
  }

  /** The keys (hex) of each subscription that the relay has confirmed; none while it is away. */
  listening(): string[][] {
    if (!this.#connected) return [];
    return this.#subscriptions
      .sent()
      .filter(({ id }) => !this.#unconfirmed.has(id))
      .map(({ pubkeys }) => pubkeys);
  }

  /** Sends the subscriptions of these keys again. */
  renew(pubkeys: Iterable<string>): void {
    for (const pubkey of pubkeys) this.#subscriptions.renew(pubkey);
    this.#flushSoon();
  }

  status(): RelayStatus {
    return {
      url: this.#url,
      connected: this.#connected,
      subscriptions: this.#subscriptions.size,
      unconfirmed: this.#unconfirmed.size,
    };
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearImmediate(this.#flushing);
    this.#forgetUnconfirmed();
    this.#relay.disconnect();
  }

  #attempt(): void {
    // Clears the timer of NDK's own reconnecting, which would refuse ours.
    this.#relay.connectivity.resetReconnectionState();
    this.#relay.connect(undefined, false).catch((error) => {
      this.#log.debug({ err: error }, "could not connect");
      this.#lost();
    });
  }

  #gained(): void {
    this.#relay.connectivity["keepalive"]?.stop();
    this.#connected = true;
    this.#failure = "";
    this.#log.info("connected to relay");
    this.#sendSubscriptions(true);
    for (const [id, { frame, at }] of this.#outbox) {
      if (at > Date.now() - OUTBOX_AGE_MS) this.#send(frame);
      else this.#outbox.delete(id);
    }
  }

  #lost(): void {
    if (this.#closed) return;
    const socket: unknown = this.#relay.connectivity["ws"];
    const reason = socket instanceof RelaySocket ? socket.failure : "";
    if (this.#connected) {
      this.#lostAt = Date.now();
      this.#log.warn({ reason }, "lost the relay, reconnecting");
    } else if (reason !== this.#failure) {
      this.#log.warn({ reason }, `cannot connect to the relay: ${reason}`);
    }
    this.#failure = this.#connected ? "" : reason;
    this.#connected = false;
    this.#forgetUnconfirmed();
    this.#relay.connectivity.resetReconnectionState();
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#attempt(), reconnectDelay(Date.now() - this.#lostAt));
  }

  #flushSoon(): void {
    this.#flushing ??= setImmediate(() => {
      this.#flushing = undefined;
      if (this.#connected) this.#sendSubscriptions(false);
    });
  }

  #sendSubscriptions(all: boolean): void {
    const { request, close } = this.#subscriptions.flush(all);
    for (const id of close) {
      clearTimeout(this.#unconfirmed.get(id));
      this.#unconfirmed.delete(id);
      this.#send(JSON.stringify(["CLOSE", id]));
    }
    const since = Math.floor(Date.now() / 1000) - LOOKBACK_SECONDS;
    for (const { id, pubkeys } of request) {
      clearTimeout(this.#unconfirmed.get(id));
      this.#unconfirmed.set(
        id,
        setTimeout(() => this.#refused(id, "no answer"), CONFIRM_TIMEOUT_MS),
      );
      this.#send(JSON.stringify(["REQ", id, { kinds: [NOSTR_CONNECT], "#p": pubkeys, since }]));
    }
  }

  #confirmed(id: string): void {
    this.#subscriptions.confirmed(id);
    clearTimeout(this.#unconfirmed.get(id));
    this.#unconfirmed.delete(id);
    if (this.#unconfirmed.size > 0) return;
    this.#refusals = 0;
    this.#log.debug({ subscriptions: this.#subscriptions.size }, "every subscription is confirmed");
  }

  /** Asks again, packed smaller if that may be the reason: soon the first time, and then ever later. */
  #refused(id: string, reason: string): void {
    if (!this.#subscriptions.has(id)) return;
    this.#log.warn({ subscription: id, reason }, "the relay refused a subscription, trying again");
    clearTimeout(this.#unconfirmed.get(id));
    this.#unconfirmed.delete(id);
    this.#subscriptions.refused(id);
    const delay = Math.min(60_000, 100 * 2 ** this.#refusals++);
    this.#unconfirmed.set(
      id,
      setTimeout(() => {
        this.#unconfirmed.delete(id);
        this.#flushSoon();
      }, delay),
    );
  }

  #forgetUnconfirmed(): void {
    for (const timer of this.#unconfirmed.values()) clearTimeout(timer);
    this.#unconfirmed.clear();
  }

  #send(frame: string): void {
    // NDK takes a socket that is just closing for a stale one, and starts reconnecting by itself.
    const open = this.#relay.connectivity["ws"]?.readyState === WebSocket.OPEN;
    if (open)
      this.#relay.connectivity.send(frame).catch((error) => this.#log.debug({ err: error }, "not sent"));
  }
}

/** A relay's own words, fit for a log. */
const outside = (text: unknown): string => String(text ?? "").slice(0, 200);
