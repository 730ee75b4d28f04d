import { beforeEach, expect, test } from "vitest";
import { Pin } from "../../web/page/pin.ts";

/** A log of 200 px, with lines of 50 px, as a browser scrolls it. */
class Log {
  readonly pin = new Pin();
  lines = 10;
  seen = 200;
  top = 0;

  get height(): number {
    return this.lines * 50;
  }

  get isAtEnd(): boolean {
    return this.top + this.seen === this.height;
  }

  /** What a browser tells of some time after. */
  tell(): void {
    this.top = Math.min(this.top, Math.max(0, this.height - this.seen));
    this.pin.scrolled({ top: this.top, height: this.height, seen: this.seen });
  }

  /** As the page does when lines or the size are others. */
  follow(): void {
    if (this.pin.isOn) this.top = Math.max(0, this.height - this.seen);
    this.tell();
  }

  scroll(pixels: number): void {
    this.top = Math.max(0, this.top + pixels);
    this.tell();
  }
}

let log: Log;
beforeEach(() => {
  log = new Log();
  log.follow();
});

test("the end is followed, also when the browser tells late of what the page has scrolled", () => {
  for (let line = 0; line < 50; line += 1) {
    log.lines += 1;
    log.tell();
    log.follow();
    expect(log.isAtEnd).toBe(true);
  }
});

test("a window that is made smaller or larger changes nothing", () => {
  for (const seen of [60, 400, 120, 200]) {
    log.seen = seen;
    log.tell();
    log.follow();
    expect(log.isAtEnd).toBe(true);
  }
});

test("who scrolls up reads there, until they are back", () => {
  log.scroll(-120);
  log.lines += 1;
  log.follow();
  expect(log.isAtEnd).toBe(false);
  log.scroll(30);
  log.lines += 1;
  log.follow();
  expect(log.isAtEnd).toBe(false);
  log.scroll(500);
  log.lines += 1;
  log.follow();
  expect(log.isAtEnd).toBe(true);
});

test("a window that changes takes nobody away from where they read", () => {
  log.scroll(-120);
  log.seen = 150;
  log.follow();
  expect(log.pin.isOn).toBe(false);
});

test("one's own line is shown wherever one reads", () => {
  log.scroll(-120);
  log.pin.said();
  log.lines += 1;
  log.follow();
  expect(log.isAtEnd).toBe(true);
});

test("what has room enough is at its end", () => {
  log.scroll(-120);
  log.lines = 1;
  log.tell();
  expect(log.pin.isOn).toBe(true);
});
