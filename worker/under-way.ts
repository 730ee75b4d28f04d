/**
 * Counts what is under way. A Set of promises would do, but it lays out a new table whenever so many have come and gone,
 * and the tables that it has left keep alive what was in them, until the garbage collector goes through everything.
 */

/** What began between two waits. */
interface Group {
  left: number;
  onDone: (() => void) | undefined;
}

const newGroup = (): Group => ({ left: 0, onDone: undefined });

export class UnderWay {
  #size = 0;
  #group = newGroup();
  /** Resolves when all groups before this one are done. */
  #before: Promise<void> = Promise.resolve();

  get size(): number {
    return this.#size;
  }

  /** Something begins; what is returned is to be handed to `end`, once. */
  begin(): Group {
    this.#size += 1;
    this.#group.left += 1;
    return this.#group;
  }

  end(group: Group): void {
    this.#size -= 1;
    group.left -= 1;
    if (group.left === 0) group.onDone?.();
  }

  /** Resolves when all that is under way now has ended. */
  async done(): Promise<void> {
    const group = this.#group;
    if (group.left > 0) {
      // What begins from now on is not waited for.
      this.#group = newGroup();
      const before = this.#before;
      const done = new Promise<void>((resolve) => {
        group.onDone = resolve;
      });
      this.#before = done.then(() => before);
    }
    await this.#before;
  }
}
