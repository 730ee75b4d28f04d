/** Somebody who visits with the typed client, as a page would have it, but for the browser. */
import { expect } from "vitest";
import { LiveVisit } from "../../web/client/live-visit.ts";
import type { Connection, Visit, VisitEvents } from "../../web/client/visit.ts";
import { HandTiming } from "./hand-timing.ts";
import { ScriptedCall } from "./scripted-call.ts";

type Heard = { [E in keyof VisitEvents]: [E, Parameters<VisitEvents[E]>[0]] }[keyof VisitEvents];

export class Visitor {
  readonly visit: Visit;
  readonly timing = new HandTiming();
  readonly page = new EventTarget();
  readonly calls: ScriptedCall[] = [];
  /** Everything that the visit has told, in order. */
  readonly told: Heard[] = [];
  readonly #awaiting = new Set<() => void>();

  /** @param at of the edge */
  constructor(at: URL) {
    const url = new URL("/ws", at);
    url.protocol = "ws:";
    this.visit = new LiveVisit(url, false, {
      timing: this.timing,
      page: this.page,
      makeCall: (match, host) => {
        const call = new ScriptedCall(match, host);
        this.calls.push(call);
        return call;
      },
    });
    visitors.add(this);
    const names = ["connection", "state", "call", "identity", "refused"] as const;
    for (const name of names) this.visit.on(name, (what: Heard[1]) => this.#note([name, what] as Heard));
  }

  /** The last call. Throws if there was none. */
  get call(): ScriptedCall {
    const call = this.calls.at(-1);
    if (!call) throw new Error("there was no call");
    return call;
  }

  /** Resolves as soon as the visit, having told something, is as asked for: at once if it is so. */
  until(is: (visit: Visit) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!is(this.visit)) return;
        this.#awaiting.delete(look);
        resolve();
      };
      this.#awaiting.add(look);
      look();
    });
  }

  /** What the visit tells next under this name. */
  tells<E extends keyof VisitEvents>(event: E): Promise<Parameters<VisitEvents[E]>[0]> {
    return new Promise((resolve) => {
      const listener = (what: Parameters<VisitEvents[E]>[0]) => {
        off();
        resolve(what);
      };
      const off = this.visit.on(event, listener as VisitEvents[E]);
    });
  }

  connection(is: Connection["is"]): Promise<void> {
    return this.until((visit) => visit.connection.is === is);
  }

  state(state: Visit["state"]): Promise<void> {
    return this.until((visit) => visit.state === state);
  }

  /** The connection is lost, and found again. */
  async comeBack(): Promise<void> {
    await this.connection("reconnecting");
    await this.getThrough();
  }

  /** Time passes until there is a connection. */
  async getThrough(): Promise<void> {
    const isOpen = () => {
      this.timing.pass(200);
      return this.visit.connection.is;
    };
    await expect.poll(isOpen, { timeout: 20_000 }).toBe("open");
  }

  #note(heard: Heard): void {
    this.told.push(heard);
    for (const look of [...this.#awaiting]) look();
  }
}

const visitors = new Set<Visitor>();

/** After each test: everybody goes. */
export function endVisits(): void {
  for (const { visit } of visitors) visit.close();
  visitors.clear();
}
