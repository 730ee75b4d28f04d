/** Questions to one relay about events that it has kept (NIP-01): a REQ that is closed as soon as it is answered. */

/** What a relay has said: `complete` unless it broke off, or took too long. */
export interface Findings {
  /** Unverified. */
  events: unknown[];
  complete: boolean;
}

interface Lookup {
  found: unknown[];
  end(complete: boolean): void;
}

/** Events that one answer may hold; a relay that sends more is not listened to. */
const MOST_FOUND = 5_000;

export class Lookups {
  #send: (message: unknown[]) => void;
  #underWay = new Map<string, Lookup>();
  #serial = 0;

  constructor(send: (message: unknown[]) => void) {
    this.#send = send;
  }

  /** What the relay has that passes a filter; what it has sent by then, when it takes too long. */
  ask(filter: object, timeoutMs: number): Promise<Findings> {
    const id = `lookup-${++this.#serial}`;
    return new Promise((resolve) => {
      const found: unknown[] = [];
      const end = (complete: boolean) => {
        clearTimeout(timer);
        this.#underWay.delete(id);
        resolve({ events: found, complete });
      };
      const timer = setTimeout(() => {
        this.#send(["CLOSE", id]);
        end(false);
      }, timeoutMs);
      this.#underWay.set(id, { found, end });
      this.#send(["REQ", id, filter]);
    });
  }

  /** EVENT. False when it is not about a lookup. */
  found(id: string, event: unknown): boolean {
    const lookup = this.#underWay.get(id);
    if (lookup && lookup.found.length < MOST_FOUND) lookup.found.push(event);
    return lookup !== undefined;
  }

  /** EOSE, after which the relay would go on with events to come. */
  answered(id: string): boolean {
    const lookup = this.#underWay.get(id);
    if (lookup) this.#send(["CLOSE", id]);
    lookup?.end(true);
    return lookup !== undefined;
  }

  /** CLOSED: asked again, it would say the same. */
  refused(id: string): boolean {
    const lookup = this.#underWay.get(id);
    lookup?.end(true);
    return lookup !== undefined;
  }

  /** The connection is gone. */
  lost(): void {
    for (const { end } of this.#underWay.values()) end(false);
  }
}
