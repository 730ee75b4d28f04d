/** The pings of those clients who wait for the server's. All are sent at once, so that they wake the lobby once. */

type Pinged = {
  /** `pingDue` in milliseconds; infinity if this one waits for none. */
  readonly door: { readonly pingDue: number };
  ping(now: number): void;
};

export class Pings {
  readonly #seats: { readonly all: Iterable<Pinged> };
  /** When the next are to be sent (milliseconds); infinity if nobody waits for any. */
  #due = Number.POSITIVE_INFINITY;

  constructor(seats: { readonly all: Iterable<Pinged> }) {
    this.#seats = seats;
    for (const seat of seats.all) this.expect(seat);
  }

  get due(): number {
    return this.#due;
  }

  /** Somebody is here who may wait for pings. */
  expect({ door }: Pinged): void {
    this.#due = Math.min(this.#due, door.pingDue);
  }

  run(now: number): void {
    if (now < this.#due) return;
    this.#due = Number.POSITIVE_INFINITY;
    for (const seat of this.#seats.all) {
      if (seat.door.pingDue < Number.POSITIVE_INFINITY) seat.ping(now);
      this.expect(seat);
    }
  }
}
