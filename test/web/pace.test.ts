/** What is said fast, between two of these clients and through the server: nothing of it is lost. */
import { beforeEach, describe, expect, test } from "vitest";
import type { ChatWords, TypingWords } from "../../web/client/channel-words.ts";
import { type ChatLine, type Media, Talk } from "../../web/client/talk.ts";
import { HandTiming } from "./hand-timing.ts";

/** An end of a data channel whose messages arrive at once, or in a heap later. */
class End extends EventTarget {
  readyState: RTCDataChannelState = "open";
  other: End | undefined;
  isStuck = false;
  #stuck: unknown[] = [];

  send(data: unknown): void {
    if (this.isStuck) this.#stuck.push(data);
    else this.other?.dispatchEvent(new MessageEvent("message", { data }));
  }

  release(): void {
    this.isStuck = false;
    for (const data of this.#stuck.splice(0)) this.send(data);
  }
}

class Side {
  readonly lines: string[] = [];
  readonly typing: boolean[] = [];
  readonly media: Media[] = [];
  /** Each with when it was told. */
  readonly toServer: { words: ChatWords | TypingWords; at: number }[] = [];
  readonly end = new End();
  readonly talk: Talk;
  isUp = true;
  hasServer = true;

  constructor(name: string, timing: HandTiming) {
    let ids = 0;
    const host = {
      hears: {
        chat: ({ text }: ChatLine) => this.lines.push(text),
        typing: (on: boolean) => this.typing.push(on),
        media: (media: Media) => this.media.push(media),
      },
      isUp: () => this.isUp,
      hasServer: () => this.hasServer,
      sayToServer: (words: ChatWords | TypingWords) => this.toServer.push({ words, at: timing.now() }),
      newId: () => {
        ids += 1;
        return `${name}-${ids}`;
      },
      floods: () => {
        throw new Error("nobody floods here");
      },
    };
    this.talk = new Talk(host, timing);
  }

  /** As a page does for each line. */
  write(text: string): void {
    this.talk.type(true);
    this.talk.type(false);
    this.talk.say(text);
  }

  said(type: "chat" | "typing") {
    return this.toServer.filter(({ words }) => words.type === type);
  }
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));

let timing: HandTiming;
let one: Side;
let other: Side;
beforeEach(() => {
  timing = new HandTiming();
  [one, other] = [new Side("one", timing), new Side("other", timing)];
  one.end.other = other.end;
  other.end.other = one.end;
});
const join = () => {
  one.talk.use(one.end);
  other.talk.use(other.end);
};

describe("over the channel", () => {
  beforeEach(join);

  test("an ordinary typist is heard at once, for as long as they write", () => {
    for (const text of numbers(300)) {
      one.write(text);
      expect(other.lines.at(-1)).toBe(text);
      timing.pass(1_000);
    }
    expect(other.lines).toHaveLength(300);
  });

  test("a burst arrives whole and in order, and no timer is left", () => {
    for (const text of numbers(70)) one.write(text);
    expect(other.lines).toEqual(numbers(20));
    timing.pass(1_000);
    expect(other.lines).toEqual(numbers(24));
    timing.pass(12_000);
    expect(other.lines).toEqual(numbers(70));
    expect(timing.pending).toEqual([]);
  });

  test("whoever writes as fast as they can, for minutes, loses nothing that is not refused", () => {
    const said: string[] = [];
    for (const text of numbers(5_000)) {
      try {
        one.write(text);
        said.push(text);
      } catch {
        // It is refused, and told to be.
      }
      timing.pass(20);
    }
    expect(said.length).toBeLessThan(5_000);
    timing.pass(60_000);
    expect(other.lines).toEqual(said);
  });

  test("what was said in time and comes in a heap is heard", () => {
    one.end.isStuck = true;
    for (const text of numbers(60)) one.write(text);
    timing.pass(10_000);
    one.end.release();
    expect(other.lines).toEqual(numbers(60));
  });

  test("line 71 of a burst is refused, and none is said later", () => {
    for (const text of numbers(70)) one.talk.say(text);
    expect(() => one.talk.say("one too many")).toThrow(/too fast/);
    timing.pass(60_000);
    expect(other.lines).toEqual(numbers(70));
    expect(one.talk.say("later")).toMatchObject({ text: "later" });
    expect(other.lines.at(-1)).toBe("later");
  });

  test("after lines and switches as fast as can be, the other side knows the last state", () => {
    for (let n = 0; n < 200; n += 1) {
      one.talk.type(n % 2 === 0);
      one.talk.show({ audio: true, video: n % 3 === 0 });
      timing.pass(5);
    }
    one.talk.type(true);
    one.talk.show({ audio: false, video: false });
    timing.pass(1_000);
    expect(other.media.at(-1)).toEqual({ audio: false, video: false });
    expect(other.typing.at(-1)).toBe(true);
    expect(other.media.length).toBeLessThan(20);
    timing.pass(10_000);
    expect(other.media.at(-1)).toEqual({ audio: false, video: false });
    expect(timing.pending).toEqual([]);
  });

  test("a state that is as it was when its turn comes is not told", () => {
    for (let n = 0; n < 5; n += 1) {
      one.talk.type(true);
      one.talk.type(false);
    }
    one.talk.type(true);
    one.talk.type(false);
    expect(other.typing).toHaveLength(10);
    timing.pass(10_000);
    expect(other.typing).toHaveLength(10);
  });

  test("what does not fit into the channel's buffer goes there later, if there is no server", () => {
    one.hasServer = false;
    const { send } = End.prototype;
    one.end.send = () => {
      throw new DOMException("its buffer is full", "OperationError");
    };
    one.talk.say("one");
    one.talk.show({ audio: false, video: false });
    one.end.send = send;
    expect(other.lines).toEqual([]);
    timing.pass(1_000);
    expect(other.lines).toEqual(["one"]);
    expect(other.media).toEqual([{ audio: false, video: false }]);
  });
});

describe("through the server", () => {
  test("it is never more than that takes: 10 at once, then 2 a second, of lines and of typing each", () => {
    for (const text of numbers(40)) {
      one.write(text);
      timing.pass(100);
    }
    timing.pass(60_000);
    expect(one.said("chat").map(({ words }) => "text" in words && words.text)).toEqual(numbers(40));
    for (const type of ["chat", "typing"] as const) {
      const times = one.said(type).map(({ at }) => at);
      for (const [index, at] of times.entries()) {
        const ago = times[index - 10];
        if (ago !== undefined) expect(at - ago).toBeGreaterThanOrEqual(500);
        const earlier = times[index - 20];
        if (earlier !== undefined) expect(at - earlier).toBeGreaterThanOrEqual(5_000);
      }
    }
  });

  test("what is said without a server is said when there is one, or over the channel, whichever comes first", () => {
    one.hasServer = false;
    one.write("one");
    one.write("two");
    expect(one.toServer).toEqual([]);
    one.hasServer = true;
    one.talk.flush();
    expect(one.said("chat")).toHaveLength(2);

    one.hasServer = false;
    one.write("three");
    join();
    expect(other.lines).toEqual([]);
    one.talk.flush();
    expect(other.lines).toEqual(["three"]);
  });

  test("what waits for the server goes over the channel as soon as that is open", () => {
    for (const text of numbers(8)) one.write(text);
    expect(one.said("chat")).toHaveLength(5);
    join();
    one.end.dispatchEvent(new Event("open"));
    expect(other.lines).toEqual(["5", "6", "7"]);
  });

  test("nothing is said, and no timer runs, once it is over", () => {
    for (const text of numbers(8)) one.write(text);
    one.talk.close();
    expect(timing.pending).toEqual([]);
    timing.pass(60_000);
    expect(one.said("chat")).toHaveLength(5);
  });
});
