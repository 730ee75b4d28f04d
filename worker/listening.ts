/** Keeps the subscriptions of one relay connection confirmed: sends them, waits for answers, asks again. */
import { Cadence } from "./cadence.ts";
import { type Logger, sayGathered } from "./log.ts";
import { Patience } from "./patience.ts";
import { type Refusal, refusalOf } from "./refusal.ts";
import { type SubscriptionFrame, subscriptionFrame } from "./subscription-frame.ts";
import { Subscriptions } from "./subscriptions.ts";

/** Between two attempts to have a relay take more subscriptions than it did. */
const PROBE_MS = 60_000;
const LONGEST_PAUSE_MS = 60_000;

export interface ListeningStatus {
  subscriptions: number;
  /** Subscriptions of which the relay has confirmed nothing, and how many keys are in them. */
  unconfirmed: number;
  keys: number;
  unheard: number;
  /** What the relay last said as it refused, while there are such keys. */
  refusal: string | null;
}

export class Listening {
  #subscriptions: Subscriptions;
  #send: (message: SubscriptionFrame) => void;
  #log: Logger;
  #connected = false;
  #patience = new Patience({
    onSilence: (id) => this.#silent(id),
    onEnd: (id, mayBeSlow) => this.#unanswered(id, mayBeSlow ? "wait" : "unknown"),
  });
  #soon: NodeJS.Immediate | undefined;
  #cadence = new Cadence(
    () => this.#gather(),
    () => this.#tidy(),
  );
  #pause: NodeJS.Timeout | undefined;
  #probe: NodeJS.Timeout | undefined;
  #pauses = 0;
  #refusal: string | null = null;
  #notice = "";
  #held = 0;
  #settled = false;
  /** Those who wait until the relay has caught up. */
  #awaiting: (() => void)[] = [];
  #saySilent = sayGathered((count, id: string) =>
    this.#log.warn({ subscription: id, count }, "the relay did not answer a subscription"),
  );
  #sayRefused = sayGathered((count, { id, reason }: { id: string; reason: string }) =>
    this.#log.warn({ subscription: id, reason, count }, "the relay refused a subscription, trying again"),
  );

  /** @param start from 0 to 1: where in the order of keys it begins when the relay does not take all */
  constructor(start: number, send: (message: SubscriptionFrame) => void, log: Logger) {
    this.#subscriptions = new Subscriptions(start);
    this.#send = send;
    this.#log = log;
  }

  update(add: Iterable<string>, remove: Iterable<string>): void {
    for (const pubkey of remove) this.#subscriptions.delete(pubkey);
    for (const pubkey of add) this.#subscriptions.add(pubkey);
    this.#cadence.gatherSoon();
    if (this.#subscriptions.isUntidy) this.#cadence.tidyLater();
  }

  renew(pubkeys: Iterable<string>): void {
    for (const pubkey of pubkeys) this.#subscriptions.renew(pubkey);
    this.#sendSoon();
  }

  gained(): void {
    this.#connected = true;
    this.#cadence.gatherNow();
  }

  lost(): void {
    this.#connected = false;
    this.#stop();
    this.#subscriptions.lost();
    this.#tellCaughtUp();
  }

  /** The relay knows now who asks: what it has refused or not answered is asked for again. */
  again(): void {
    this.#stop();
    this.#subscriptions.retry(false);
    this.#sendSoon();
  }

  has(id: string): boolean {
    return this.#subscriptions.has(id);
  }

  /** EOSE */
  confirmed(id: string): void {
    if (!this.#patience.end(id)) return;
    this.#subscriptions.confirmed(id);
    this.#sendSoon();
  }

  /** CLOSED; it may come long after EOSE too. */
  refused(id: string, reason: string): void {
    this.#patience.end(id);
    if (!this.#subscriptions.has(id)) return;
    this.#sayRefused({ id, reason });
    this.#refusal = reason;
    this.#unanswered(id, refusalOf(reason));
  }

  /** NOTICE: some relays refuse by that alone, and do not say what. */
  noticed(notice: string): void {
    this.#notice = notice;
  }

  hears(pubkey: string): boolean {
    return this.#connected && this.#subscriptions.hears(pubkey);
  }

  /** Resolves when the relay has confirmed every key that it takes, or is away. */
  caughtUp(): Promise<void> {
    return new Promise((resolve) => {
      this.#awaiting.push(resolve);
      this.#tellCaughtUp();
    });
  }

  /** The keys of each subscription that the relay has confirmed. */
  heard(): string[][] {
    return this.#connected ? this.#subscriptions.heard() : [];
  }

  status(): ListeningStatus {
    const { keys, size, unheard } = this.#subscriptions;
    return {
      subscriptions: size,
      unconfirmed: unheard.subscriptions,
      keys,
      unheard: unheard.keys,
      refusal: unheard.keys > 0 ? this.#refusal : null,
    };
  }

  close(): void {
    this.lost();
    clearImmediate(this.#soon);
    this.#cadence.close();
  }

  #gather(): void {
    if (!this.#connected || this.#pause) return;
    this.#subscriptions.gather();
    this.#sendDue();
  }

  #tidy(): void {
    this.#subscriptions.tidy();
    this.#sendSoon();
    if (this.#subscriptions.isUntidy) this.#cadence.tidyLater();
  }

  #sendSoon(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      if (this.#connected && !this.#pause) this.#sendDue();
    });
  }

  #sendDue(): void {
    const { request, close } = this.#subscriptions.next();
    for (const id of close) {
      this.#patience.end(id);
      this.#send(["CLOSE", id]);
    }
    for (const { id, known, fresh } of request) {
      this.#notice = "";
      this.#patience.begin(id);
      this.#cadence.told(known.length);
      this.#send(subscriptionFrame(id, known, fresh, Date.now()));
    }
    if (this.#subscriptions.refusing) this.#waitALittle();
    this.#report();
  }

  #tellCaughtUp(): void {
    if (this.#connected && !this.#subscriptions.caughtUp) return;
    for (const tell of this.#awaiting.splice(0)) tell();
  }

  #report(): void {
    this.#tellCaughtUp();
    const { held, size, keys, settled } = this.#subscriptions;
    if (settled && held > 0) this.#probe ??= setTimeout(() => this.#tryMore(), PROBE_MS);
    if (settled === this.#settled) return;
    this.#settled = settled;
    if (!settled) return;
    this.#pauses = 0;
    this.#log.debug({ subscriptions: size, unheard: held }, "every subscription is confirmed");
    if (held === this.#held) return;
    this.#held = held;
    if (held > 0) {
      this.#log.error(
        { keys, unheard: held, refusal: this.#refusal },
        `the relay takes no more subscriptions: ${held} of ${keys} keys are not heard there`,
      );
    } else {
      this.#log.info({ keys, subscriptions: size }, "the relay listens for every key");
    }
  }

  #tryMore(): void {
    this.#probe = undefined;
    this.#subscriptions.probe();
    this.#sendSoon();
  }

  /** Soon the first time, and then ever later. */
  #waitALittle(): void {
    this.#pause ??= setTimeout(
      () => {
        this.#pause = undefined;
        this.#subscriptions.retry();
        this.#cadence.gatherSoon();
      },
      Math.min(LONGEST_PAUSE_MS, 100 * 2 ** this.#pauses++),
    );
  }

  /** The relay does not listen; what is to be done about it depends on why. */
  #unanswered(id: string, reason: Refusal): void {
    this.#subscriptions.refused(id, reason);
    if (this.#subscriptions.refusing) this.#waitALittle();
    this.#sendSoon();
  }

  /** Whether it is worth waiting on: a relay that says something refuses by it. */
  #silent(id: string): boolean {
    if (this.#notice) this.refused(id, this.#notice);
    else this.#saySilent(id);
    return !this.#notice;
  }

  #stop(): void {
    this.#patience.stop();
    clearTimeout(this.#pause);
    clearTimeout(this.#probe);
    this.#pause = undefined;
    this.#probe = undefined;
  }
}
