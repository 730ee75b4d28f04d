/** Questions to one relay about events that it has kept (NIP-01): a REQ that is closed as soon as it is answered. */

interface Lookup {
  found: unknown[];
  end(): void;
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

  /** What the relay has that passes a filter, unverified; what it has sent by then, when it takes too long. */
  ask(filter: object, timeoutMs: number): Promise<unknown[]> {
    const id = `lookup-${++this.#serial}`;
    return new Promise((resolve) => {
      const found: unknown[] = [];
      const end = () => {
        clearTimeout(timer);
        this.#underWay.delete(id);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.#send(["CLOSE", id]);
        end();
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
    lookup?.end();
    return lookup !== undefined;
  }

  /** CLOSED */
  refused(id: string): boolean {
    const lookup = this.#underWay.get(id);
    lookup?.end();
    return lookup !== undefined;
  }

  /** The connection is gone. */
  lost(): void {
    for (const { end } of this.#underWay.values()) end();
  }
}
