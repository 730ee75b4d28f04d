/**
 * The connection to one relay: the one file that imports NDK. All connections share one NDK instance.
 *
 * NDK is used as the carrier only, and frames go out by its socket. Its own reconnecting gives up or waits up
 * to a minute, and its subscriptions are not sent again after a drop and ignore refusals, so both are done here,
 * through the protocol handlers that NDK offers for every message a relay sends (NIP-01: EVENT, EOSE, CLOSED, OK,
 * NOTICE; NIP-42: AUTH).
 */
import NDK, { NDKRelay } from "@nostr-dev-kit/ndk";
import { Backlog } from "./backlog.ts";
import type { LocalKey } from "./keys.ts";
import { Listening, type ListeningStatus } from "./listening.ts";
import { type Logger, sayGathered } from "./log.ts";
import { reconnectDelay } from "./reconnect-delay.ts";
import { verdictOf } from "./refusal.ts";
import type { Filter } from "./relay-answer.ts";
import { Authentication } from "./relay-authentication.ts";
import { type End, Lookups, type OnFound } from "./relay-lookups.ts";
import { RelaySocket } from "./relay-socket.ts";
import { Speaking } from "./speaking.ts";
import type { SubscriptionFrame } from "./subscription-frame.ts";

// NDK opens its sockets with the global constructor; this one is bounded and notices a dead connection.
Object.assign(globalThis, { WebSocket: RelaySocket });

const ndk = new NDK();

export interface RelayStatus extends ListeningStatus {
  url: string;
  connected: boolean;
}

/** What a relay says, and to which relay it was said (its URL). */
export interface RelayListener {
  /** An event of a subscription, unverified. */
  onEvent(event: unknown, relay: string): void;
  /** The relay did not take the event with this id. */
  onRefusal(id: string, relay: string): void;
}

export interface RelayOptions {
  listener: RelayListener;
  /** Who this process is to relays that ask. */
  identity: Pick<LocalKey, "sign">;
  log: Logger;
  /** Whether replies may leave this process now. */
  mayReply(): boolean;
  /** From 0 to 1: where in the order of keys it begins when the relay does not take all. */
  start?: number;
}

/** One relay: connects for ever, keeps its subscriptions confirmed, and repeats replies until it has said OK. */
export class RelayConnection {
  #url: string;
  #log: Logger;
  #listener: RelayListener;
  #relay: NDKRelay;
  #listening: Listening;
  #speaking: Speaking;
  #lookups: Lookups;
  #backlog: Backlog;
  #authentication: Authentication;
  #connected = false;
  #closed = false;
  #lostAt = Date.now();
  /** The last reason why it could not be connected, said once. */
  #failure = "";
  #retry: NodeJS.Timeout | undefined;
  #sayRefused = sayGathered((count, reason: string) =>
    this.#log.warn({ reason, count }, "the relay did not take a reply"),
  );
  #sayNotice = sayGathered((count, notice: string) => this.#log.warn({ notice, count }, "the relay says"));

  constructor(url: string, { listener, identity, log, mayReply, start = 0 }: RelayOptions) {
    this.#url = url;
    this.#log = log;
    this.#listener = listener;
    this.#speaking = new Speaking((frames) => this.#write(frames), mayReply);
    const say = (message: unknown[]) => this.#speaking.say(JSON.stringify(message));
    this.#lookups = new Lookups(say);
    this.#backlog = new Backlog((filter) =>
      this.#lookups.ask(filter, (event) => listener.onEvent(event, url)),
    );
    const listen = (frame: SubscriptionFrame) => {
      this.#backlog.asked(frame);
      say(frame);
    };
    this.#listening = new Listening(start, listen, log);
    const onKnown = () => {
      this.#listening.again();
      this.#speaking.again();
    };
    this.#authentication = new Authentication(url, { identity, say, onKnown, log });
    this.#relay = new NDKRelay(url, undefined, ndk);
    // NDK's watchers would reconnect on their own and mistake an old socket's end for the new one's.
    clearInterval(this.#relay.connectivity["wsStateMonitor"]);
    clearInterval(this.#relay.connectivity["sleepDetector"]);

    const on = (command: string, handle: (message: unknown[]) => void) =>
      this.#relay.registerProtocolHandler(command, (_relay, message) => handle(message));
    on("EVENT", ([, subscription, event]) => {
      const id = String(subscription);
      if (this.#lookups.found(id, event) || !this.#listening.has(id)) return;
      this.#backlog.heard(id, event);
      listener.onEvent(event, url);
    });
    on("EOSE", ([, subscription]) => {
      const id = String(subscription);
      if (this.#lookups.answered(id)) return;
      this.#backlog.answered(id);
      this.#listening.confirmed(id);
    });
    on("CLOSED", ([, subscription, why]) => {
      const [id, reason] = [String(subscription), outside(why)];
      if (!this.#lookups.refused(id, reason)) this.#listening.refused(id, reason);
    });
    on("OK", ([, id, accepted, reason]) => this.#answered(String(id), accepted === true, outside(reason)));
    on("AUTH", ([, challenge]) => this.#authentication.challenged(challenge));
    on("NOTICE", ([, notice]) => {
      this.#sayNotice(outside(notice));
      this.#listening.noticed(outside(notice));
    });
  }

  /** Resolves at the first connection. */
  open(): Promise<void> {
    return new Promise((resolve) => {
      this.#relay.on("connect", () => resolve(this.#gained()));
      this.#relay.on("disconnect", () => this.#lost());
      this.#attempt();
    });
  }

  update(add: Iterable<string>, remove: Iterable<string>): void {
    this.#listening.update(add, remove);
  }

  /** Sends an event, again after each reconnect until the relay has answered; `onTaken` is its OK. */
  publish(id: string, author: string, frame: string, onTaken?: () => void): void {
    this.#speaking.publish(id, author, frame, onTaken);
  }

  withdraw(authors: ReadonlySet<string>): void {
    this.#speaking.withdraw(authors);
  }

  /** Tells of all events that the relay has for a filter (NIP-01). `lost`, also while it is away. */
  async ask(filter: Filter, timeoutMs: number, onFound: OnFound): Promise<End> {
    return this.#connected ? this.#lookups.askAll(filter, timeoutMs, onFound) : "lost";
  }

  /** Sends an event now or never: nobody waits for it after a reconnect. */
  publishNow(frame: string): void {
    if (this.#connected) this.#speaking.say(frame);
  }

  /** Whether the relay has confirmed that it listens for this key (hex). */
  hears(pubkey: string): boolean {
    return this.#listening.hears(pubkey);
  }

  /** Resolves when the relay has confirmed that it listens for every key that it takes, or is away. */
  caughtUp(): Promise<void> {
    return this.#listening.caughtUp();
  }

  /** The keys (hex) of each subscription that the relay has confirmed; none while it is away. */
  listening(): string[][] {
    return this.#listening.heard();
  }

  /** Sends the subscriptions of these keys again. */
  renew(pubkeys: Iterable<string>): void {
    this.#listening.renew(pubkeys);
  }

  /** Sends everything again: the subscriptions, and the replies that the relay has not taken. */
  renewAll(): void {
    if (!this.#connected) return;
    for (const pubkeys of this.#listening.heard()) this.#listening.renew(pubkeys);
    this.#speaking.again();
  }

  status(): RelayStatus {
    return { url: this.#url, connected: this.#connected, ...this.#listening.status() };
  }

  close(): void {
    this.#closed = true;
    this.#speaking.close();
    clearTimeout(this.#retry);
    for (const part of [this.#authentication, this.#backlog, this.#lookups]) part.lost();
    this.#listening.close();
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
    this.#listening.gained();
    this.#speaking.again();
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
    for (const part of [this.#authentication, this.#listening, this.#backlog, this.#speaking, this.#lookups])
      part.lost();
    this.#relay.connectivity.resetReconnectionState();
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#attempt(), reconnectDelay(Date.now() - this.#lostAt));
  }

  /** The relay's answer (OK) to an event. */
  #answered(id: string, accepted: boolean, reason: string): void {
    const isAuthentication = this.#authentication.answered(id, accepted, reason);
    const verdict = verdictOf(accepted, reason);
    const isReply = this.#speaking.answered(id, verdict);
    if (verdict === "taken" || isAuthentication) return;
    this.#listener.onRefusal(id, this.#url);
    if (isReply) this.#sayRefused(reason);
  }

  #write(frames: string[]): void {
    // Not by way of NDK, which takes a socket that is just closing for a stale one, and starts reconnecting by itself.
    const socket: unknown = this.#relay.connectivity["ws"];
    if (socket instanceof RelaySocket && socket.readyState === WebSocket.OPEN) socket.sendTogether(frames);
  }
}

/** A relay's own words, fit for a log. */
const outside = (text: unknown): string => String(text ?? "").slice(0, 200);
