import type { Pair, Ticket } from "../../edge/matching.ts";

/**
 * The rules of edge/matching.ts in the plainest words: one list, and a look at everybody, or at all pairs, whenever
 * something happens.
 */
export class NaiveMatching {
  readonly #rematchWindow: number;
  readonly #relaxTime: number;
  /** Longest wait first. */
  #line: Ticket[] = [];
  /** Not known after a change. */
  #due: number | undefined;
  readonly #windowEnds = new Map<string, Map<string, number>>();

  constructor({ rematchWindow, relaxTime }: { rematchWindow: number; relaxTime: number }) {
    this.#rematchWindow = rematchWindow;
    this.#relaxTime = relaxTime;
  }

  get waiting(): Ticket[] {
    return this.#line;
  }

  /** The first moment at which two of the waiting may meet. */
  get due(): number {
    this.#due ??= this.#findDue();
    return this.#due;
  }

  skip(one: string[], other: string[], at: number): void {
    this.#due = undefined;
    for (const name of one) {
      for (const otherName of other) {
        this.#keepApart(name, otherName, at + this.#rematchWindow);
        this.#keepApart(otherName, name, at + this.#rematchWindow);
      }
    }
  }

  leave(id: string): void {
    this.#due = undefined;
    this.#line = this.#line.filter((ticket) => ticket.id !== id);
  }

  enter(ticket: Ticket, now: number): Pair[] {
    const pairs = this.advance(now);
    if (pairs.some(({ longer, shorter }) => longer === ticket.id || shorter === ticket.id)) return pairs;
    this.#due = undefined;
    const same = this.#line.findIndex(({ id, since }) => id === ticket.id && since === ticket.since);
    if (same >= 0) {
      this.#line[same] = ticket;
    } else {
      this.leave(ticket.id);
      const place = this.#line.findIndex(({ since }) => since > ticket.since);
      this.#line.splice(place < 0 ? this.#line.length : place, 0, ticket);
    }
    return [...pairs, ...this.#choose(ticket, now)];
  }

  advance(now: number): Pair[] {
    const pairs: Pair[] = [];
    for (let at = this.due; at <= now; at = this.due) {
      for (const ticket of this.#line.filter((ticket) => this.#openFrom(ticket) === at)) {
        if (this.#line.includes(ticket)) pairs.push(...this.#choose(ticket, at));
      }
      this.#everyTwo((longer, shorter) => {
        if (this.#mayMeetFrom(longer, shorter) > at) return;
        if (this.#line.includes(longer) && this.#line.includes(shorter))
          pairs.push(this.#pair(longer, shorter));
      });
    }
    return pairs;
  }

  #mayMeetFrom(one: Ticket, other: Ticket): number {
    if (one.mode !== other.mode || blocks(one, other) || blocks(other, one)) return Number.POSITIVE_INFINITY;
    let from = 0;
    for (const name of one.names.filter((name) => !other.names.includes(name))) {
      for (const otherName of other.names.filter((name) => !one.names.includes(name)))
        from = Math.max(from, this.#windowEnds.get(name)?.get(otherName) ?? 0);
    }
    if (haveMet(one, other))
      from = Math.max(from, one.since + this.#relaxTime, other.since + this.#relaxTime);
    if (!shareInterest(one, other)) from = Math.max(from, this.#openFrom(one), this.#openFrom(other));
    return from;
  }

  #keepApart(one: string, other: string, end: number): void {
    const ends = this.#windowEnds.get(one) ?? new Map<string, number>();
    this.#windowEnds.set(one, ends.set(other, Math.max(end, ends.get(other) ?? end)));
  }

  /** Somebody new before somebody met, a shared interest before none, the longest wait first. */
  #choose(ticket: Ticket, now: number): Pair[] {
    let best: Ticket | undefined;
    let bestRank = Number.POSITIVE_INFINITY;
    for (const other of this.#line) {
      if (other === ticket || this.#mayMeetFrom(ticket, other) > now) continue;
      const rank = (haveMet(ticket, other) ? 2 : 0) + (shareInterest(ticket, other) ? 0 : 1);
      if (rank < bestRank) {
        best = other;
        bestRank = rank;
      }
    }
    return best ? [this.#pair(ticket, best)] : [];
  }

  #findDue(): number {
    let due = Number.POSITIVE_INFINITY;
    this.#everyTwo((longer, shorter) => {
      due = Math.min(due, this.#mayMeetFrom(longer, shorter));
    });
    return due;
  }

  #pair(one: Ticket, other: Ticket): Pair {
    const isLonger = this.#line.indexOf(one) < this.#line.indexOf(other);
    const [longer, shorter] = isLonger ? [one, other] : [other, one];
    this.leave(one.id);
    this.leave(other.id);
    const interests = longer.interests.filter((interest) => shorter.interests.includes(interest));
    return { longer: longer.id, shorter: shorter.id, interests, met: haveMet(one, other) };
  }

  #everyTwo(look: (longer: Ticket, shorter: Ticket) => void): void {
    const line = this.#line;
    line.forEach((longer, index) => {
      for (let other = index + 1; other < line.length; other += 1) {
        const shorter = line[other];
        if (shorter) look(longer, shorter);
      }
    });
  }

  #openFrom({ interests, since }: Ticket): number {
    return interests.length > 0 ? since + this.#relaxTime : since;
  }
}

const blocks = (one: Ticket, other: Ticket): boolean =>
  one.blocked.some((name) => other.names.includes(name));

const haveMet = (one: Ticket, other: Ticket): boolean =>
  one.met.some((name) => other.names.includes(name)) || other.met.some((name) => one.names.includes(name));

const shareInterest = (one: Ticket, other: Ticket): boolean =>
  one.interests.some((interest) => other.interests.includes(interest));
