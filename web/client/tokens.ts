/** With which words the place is asked for that the server keeps (docs/protocol.md, "Coming back"). */

/** As many as a connection may be asked at once for a place. */
const MOST = 5;

export class Tokens {
  /** In the order in which they are to be tried. */
  #untried: string[] = [];
  /** The last that the present connection gave. */
  #given: string | undefined;
  #isAsking = false;

  /** What to ask with next; undefined: there is no place. */
  get next(): string | undefined {
    return this.#untried[0];
  }

  /** The connection has given this one: it replaces what it gave before. */
  give(token: string): void {
    this.#given = token;
  }

  /** The next one has been said. */
  ask(): void {
    this.#isAsking = true;
  }

  /** It is good for nothing. */
  refuse(): void {
    this.#untried.shift();
  }

  /** The place is that of the present connection, and so are its tokens. */
  settle(): void {
    this.#untried = [];
    this.#isAsking = false;
  }

  /**
   * The connection has ended. If that was before an answer, either token may be the good one: that with which it was
   * asked, or, if the answer was lost, the last that was given on it.
   */
  lose(): void {
    const [first, ...more] = this.#untried;
    const given = this.#given === undefined ? [] : [this.#given];
    if (first === undefined) this.#untried = given;
    else if (this.#isAsking) this.#untried = [first, ...[...more, ...given].slice(1 - MOST)];
    this.#given = undefined;
    this.#isAsking = false;
  }

  /** The place is somewhere else, for whoever comes with this. */
  move(token: string): void {
    this.drop();
    this.#untried = [token];
  }

  /** There is no place any more. */
  drop(): void {
    this.#untried = [];
    this.#given = undefined;
    this.#isAsking = false;
  }
}
