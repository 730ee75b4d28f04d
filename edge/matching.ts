/**
 * Who meets whom: tickets in, pairs out. No clock of its own (times are given, in milliseconds, and do not go
 * backwards), no sockets.
 *
 * Two tickets *may meet* when they are of one mode, neither has blocked the other, no rematch window of theirs is
 * open, and either they share an interest, or both have waited for the relax time (or never asked for an interest).
 * If they have met before, both must have waited for the relax time, too.
 *
 * Nobody waits while somebody is there whom they may meet. So there are three occasions: a ticket comes, or it stops
 * insisting on an interest, and chooses among those waiting; or the time for which two were kept apart is over. A ticket
 * chooses somebody new before somebody met, a shared interest before none, the longest wait first. What time brings
 * about is done moment by moment, however late `advance` is called; at one moment, the longest wait comes first.
 *
 * What keeps it cheap: a ticket looks for a partner in queues of those whom it could meet but for a block, a window or
 * an earlier meeting (`Pool`), and stops at the first without. So every comparison but the last of a choice is with
 * somebody from whom one of these keeps it, and a ticket chooses at most twice in its wait: that costs O(1 + its
 * interests + its lists + those waiting from whom it is kept), however many wait. The lists are bounded by the caller,
 * and two are kept apart by what they did to each other: each skip, block and match is paid for by those two only, and
 * by who has a name of theirs, so whoever has hundreds of them slows down nobody else. Where the reason ends, the two have an appointment for that
 * moment (`Agenda`, a heap), and no search is repeated to find out.
 */
import { Agenda, type Meeting } from "./matching/agenda.ts";
import { Pool } from "./matching/pool.ts";
import { isBefore, type Place, Queue } from "./matching/queue.ts";
import { RematchWindows } from "./matching/rematch-windows.ts";
import { type Pair, type Ticket, Waiting } from "./matching/ticket.ts";

export type { Pair, Ticket };

type Choice = { fresh?: Waiting; met?: Waiting };

export class Matching {
  readonly #relaxTime: number;
  readonly #windows: RematchWindows;
  readonly #queue = new Queue<Waiting>();
  readonly #places = new Map<string, Place<Waiting>>();
  readonly #pools = new Map<string, Pool>();
  readonly #agenda = new Agenda((waiting) => this.#places.get(waiting.id)?.item === waiting);
  /** The last that was given out. */
  #turn = 0;

  /**
   * @param times in milliseconds: `rematchWindow`, for which a skip keeps two people apart; `relaxTime`, for which a
   * ticket waits for a shared interest and for somebody new
   */
  constructor({ rematchWindow, relaxTime }: { rematchWindow: number; relaxTime: number }) {
    this.#windows = new RematchWindows(rematchWindow);
    this.#relaxTime = relaxTime;
  }

  /** From when on `advance` may have somebody to pair though nobody comes; infinity if that is never. */
  get due(): number {
    let due = this.#agenda.next?.at ?? Number.POSITIVE_INFINITY;
    for (const pool of this.#pools.values()) due = Math.min(due, pool.due);
    return due;
  }

  /** Ids, longest wait first. */
  get waiting(): Iterable<string> {
    return this.#ids();
  }

  get size(): number {
    return this.#places.size;
  }

  has(id: string): boolean {
    return this.#places.has(id);
  }

  /**
   * Keeps two people apart, who are given by their names, for the rematch window, which starts at `at`: whoever has one
   * of these from whoever has one of those, but for names that both have. Waiting or not, in whatever order skips are told.
   */
  skip(one: readonly string[], other: readonly string[], at: number): void {
    this.#windows.open(one, other, at);
  }

  /** Takes somebody out of the queue, or does nothing. */
  leave(id: string): void {
    const place = this.#places.get(id);
    if (!place) return;
    this.#places.delete(id);
    this.#queue.leave(place);
    this.#pool(place.item).leave(place.item);
  }

  /**
   * Puts a ticket in its place in the queue: behind those who have waited as long. One with its id that is there
   * already is replaced, and keeps its place if the wait is the same. Returns whom that pairs, after those who were due:
   * if the earlier ticket is among these, it is too late for the new one.
   */
  enter(ticket: Ticket, now: number): Pair[] {
    const earlier = this.#places.get(ticket.id)?.item;
    const pairs = this.advance(now);
    if (earlier && !this.has(ticket.id)) return pairs;
    this.leave(ticket.id);
    this.#turn += 1;
    const turn = earlier?.since === ticket.since ? earlier.turn : this.#turn;
    const waiting = new Waiting(ticket, turn, this.#relaxTime);
    const pair = this.#match(waiting, now);
    if (pair) return [...pairs, pair];
    this.#places.set(waiting.id, this.#queue.join(waiting));
    this.#pool(waiting).join(waiting, now);
    return pairs;
  }

  /** Pairs those who may meet by `now`. */
  advance(now: number): Pair[] {
    const pairs: Pair[] = [];
    for (let at = this.#nextMoment(); at <= now; at = this.#nextMoment()) {
      for (const opened of this.#openUp(at)) {
        const pair = this.has(opened.id) && this.#match(opened, at);
        if (pair) pairs.push(pair);
      }
      for (let meeting = this.#agenda.next; meeting && meeting.at <= at; meeting = this.#agenda.next) {
        this.#agenda.takeNext();
        const pair = this.#meet(meeting);
        if (pair) pairs.push(pair);
      }
    }
    this.#windows.forget(now);
    return pairs;
  }

  /** When next somebody opens up, or a time apart is over. */
  #nextMoment(): number {
    let moment = this.#agenda.next?.at ?? Number.POSITIVE_INFINITY;
    for (const pool of this.#pools.values()) moment = Math.min(moment, pool.nextOpening);
    return moment;
  }

  /** Those who open up at a moment, longest wait first. */
  #openUp(at: number): Waiting[] {
    const opened = [...this.#pools.values()].flatMap((pool) => pool.openUp(at));
    return opened.sort((one, other) => (isBefore(one, other) ? -1 : 1));
  }

  /** Pairs a ticket with the best choice it has, or makes an appointment with each from whom it is kept apart for now. */
  #match(chooser: Waiting, now: number): Pair | undefined {
    const pool = this.#pool(chooser);
    const looked = new Map<Waiting, number>();
    const sharing = this.#choose(chooser, pool.sharing(chooser), now, looked);
    const anyone = sharing.fresh ? {} : this.#choose(chooser, pool.openTo(chooser, now), now, looked);
    const partner = sharing.fresh ?? anyone.fresh ?? sharing.met ?? anyone.met;
    if (partner) return this.#pair(chooser, partner);
    for (const [other, at] of looked) this.#agenda.add({ at, ...inOrder(chooser, other) });
    return undefined;
  }

  /** The best of some queues. `looked` gathers those who are not the best: from when on nothing keeps them apart. */
  #choose(chooser: Waiting, queues: Queue<Waiting>[], now: number, looked: Map<Waiting, number>): Choice {
    const choice: Choice = {};
    for (const queue of queues) {
      for (const other of queue) {
        if (choice.fresh && !isBefore(other, choice.fresh)) break;
        if (other === chooser || looked.has(other)) continue;
        const apartUntil = this.#apartUntil(chooser, other);
        if (apartUntil <= now && !chooser.hasMet(other)) {
          choice.fresh = other;
          break;
        }
        looked.set(other, apartUntil);
        if (apartUntil <= now && !(choice.met && isBefore(choice.met, other))) choice.met = other;
      }
    }
    return choice;
  }

  /** Two who are free to meet from now on, unless a skip was told meanwhile. */
  #meet({ at, longer, shorter }: Meeting): Pair | undefined {
    const apartUntil = this.#apartUntil(longer, shorter);
    if (apartUntil <= at) return this.#pair(longer, shorter);
    this.#agenda.add({ at: apartUntil, longer, shorter });
    return undefined;
  }

  /** From when on neither a block, nor a window, nor an earlier meeting keeps two tickets apart; infinity if that is never. */
  #apartUntil(one: Waiting, other: Waiting): number {
    if (one.isBarredFrom(other)) return Number.POSITIVE_INFINITY;
    const windowEnd = this.#windows.end(one.names, other.names);
    return one.hasMet(other) ? Math.max(windowEnd, one.patientUntil, other.patientUntil) : windowEnd;
  }

  #pair(one: Waiting, other: Waiting): Pair {
    this.leave(one.id);
    this.leave(other.id);
    const { longer, shorter } = inOrder(one, other);
    const interests = longer.interests.filter((interest) => shorter.interests.includes(interest));
    return { longer: longer.id, shorter: shorter.id, interests, met: one.hasMet(other) };
  }

  #pool({ mode }: Waiting): Pool {
    const pool = this.#pools.get(mode) ?? new Pool();
    this.#pools.set(mode, pool);
    return pool;
  }

  *#ids(): Generator<string> {
    for (const { id } of this.#queue) yield id;
  }
}

const inOrder = (one: Waiting, other: Waiting): { longer: Waiting; shorter: Waiting } =>
  isBefore(one, other) ? { longer: one, shorter: other } : { longer: other, shorter: one };
