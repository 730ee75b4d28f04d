/** Whether a log follows its end: until somebody scrolls up, and again once they are back down there. */

/** In pixels: where it is scrolled to, how much there is, and how much of it is seen. */
export type Scroll = { top: number; height: number; seen: number };

/** Whoever is so near to the end is at it. */
const NEAR = 40;

export class Pin {
  isOn = true;
  #before: Scroll = { top: 0, height: 0, seen: 0 };

  /** It has been scrolled, by whomever. */
  scrolled(now: Scroll): void {
    const { top, height, seen } = this.#before;
    // What moves when a line comes or the window changes, nobody has moved.
    const isMoved = now.height === height && now.seen === seen;
    if (isAtEnd(now)) this.isOn = true;
    else if (isMoved && now.top < top) this.isOn = false;
    this.#before = now;
  }

  /** What is said here is looked for at the end. */
  said(): void {
    this.isOn = true;
  }
}

const isAtEnd = ({ top, height, seen }: Scroll): boolean => top + seen > height - NEAR;
