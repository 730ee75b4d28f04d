/** Those who behave: couples who talk all the time, and people who meet whoever comes. */
import { setTimeout as sleep } from "node:timers/promises";
import type { DoorName } from "./frames.ts";
import { Visitor } from "./visitor.ts";
import type { Told } from "./witness.ts";

export type Around = {
  url: URL;
  /** A new one each time. */
  nextAddress(): string;
  onFlaw(what: string): void;
  /** Whether this part of it is over. */
  isOver(): boolean;
};

/** Milliseconds. */
const PATIENCE = 30_000;
const PAUSE = 100;
const BETWEEN_PINGS = 20_000;
const TIME_TOGETHER = 1_000;

/** Who has met, and knows how to wait for what the other says. */
class Lover {
  readonly visitor: Visitor;
  readonly #inbox: Told[] = [];
  #awaiting: ((told: Told) => void) | undefined;

  constructor(door: DoorName, { url, nextAddress, onFlaw }: Around) {
    this.visitor = new Visitor({
      url,
      door,
      address: nextAddress(),
      onFlaw,
      onTold: (told) => this.#take(told),
    });
    this.visitor.closed.then(({ code }) => this.#take({ what: "refused", why: `closed with ${code}` }));
  }

  /** The next that is told which is not about tokens and the like. */
  async next(): Promise<Told> {
    const told = this.#inbox.shift();
    if (told) return told;
    return new Promise<Told>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`nothing was heard for ${PATIENCE} ms`)), PATIENCE);
      this.#awaiting = (told) => {
        clearTimeout(late);
        resolve(told);
      };
    });
  }

  #take(told: Told): void {
    if (["token", "challenge", "other"].includes(told.what)) return;
    if (this.#awaiting) this.#awaiting(told);
    else this.#inbox.push(told);
    this.#awaiting = undefined;
  }
}

export type Couple = [Lover, Lover];

/** Two who have met, at these doors. */
export async function couple(doors: [DoorName, DoorName], around: Around): Promise<Couple> {
  const pair: Couple = [new Lover(doors[0], around), new Lover(doors[1], around)];
  for (const { visitor } of pair) {
    await visitor.opened;
    visitor.say("search");
  }
  for (const lover of pair) {
    for (const what of ["waiting", "matched"]) {
      const told = await lover.next();
      if (told.what !== what) throw new Error(`expected ${what}, was told ${JSON.stringify(told)}`);
    }
  }
  return pair;
}

/** Each says something, and the other hears that and nothing else, until it is over: how many times that was. */
export async function talk([one, other]: Couple, around: Around): Promise<number> {
  let said = 0;
  let pingedAt = 0;
  try {
    for (; !around.isOver(); said += 2) {
      if (Date.now() - pingedAt > BETWEEN_PINGS) {
        for (const { visitor } of [one, other]) visitor.ping();
        pingedAt = Date.now();
      }
      for (const [from, to] of [
        [one, other],
        [other, one],
      ] as const) {
        const candidate = `said ${said} times`;
        from.visitor.say({ candidate });
        const told = await to.next();
        if (told.what !== "passed" || told.candidate !== candidate)
          throw new Error(`expected ${candidate}, was told ${JSON.stringify(told)}`);
      }
      await sleep(PAUSE);
    }
  } catch (error) {
    around.onFlaw(`a couple: ${String(error)}`);
  }
  return said;
}

/** Somebody who meets one after the other until it is over: how much the others said to them. */
export async function meetAll(door: DoorName, around: Around): Promise<number> {
  let heard = 0;
  while (!around.isOver()) {
    const visitor: Visitor = new Visitor({
      url: around.url,
      door,
      address: around.nextAddress(),
      onFlaw: around.onFlaw,
      onTold: ({ what }) => {
        if (what === "passed") heard += 1;
        if (what === "matched") visitor.say({ candidate: "hello" });
      },
    });
    // They may be suspended, as several people may say bad things of them; then they come from somewhere else.
    await visitor.opened;
    while (visitor.isOpen && !around.isOver()) {
      visitor.say(visitor.matchId === undefined ? "search" : "skip");
      await sleep(TIME_TOGETHER);
    }
    visitor.leave();
    const { code, reason } = await visitor.closed;
    if (![1000, 1005, 4503].includes(code)) around.onFlaw(`somebody healthy: closed with ${code} ${reason}`);
  }
  return heard;
}
