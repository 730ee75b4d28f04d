import { beforeEach, describe, expect, test } from "vitest";
import { type Media, Talk } from "../../web/client/talk.ts";
import { HandTiming } from "./hand-timing.ts";

/** One end of a data channel. */
class Channel extends EventTarget {
  readyState: RTCDataChannelState = "open";
  readonly sent: unknown[] = [];

  send(data: unknown): void {
    if (typeof data === "string") this.sent.push(JSON.parse(data));
  }

  receive(data: unknown): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  says(message: object): void {
    this.receive(JSON.stringify(message));
  }
}

let timing: HandTiming;
let isUp: boolean;
let hasServer: boolean;
let heard: unknown[];
let toServer: unknown[];
let talk: Talk;
let channel: Channel;
let floods: number;
beforeEach(() => {
  timing = new HandTiming();
  isUp = true;
  hasServer = true;
  heard = [];
  toServer = [];
  floods = 0;
  let ids = 0;
  const host = {
    hears: {
      chat: (line: unknown) => heard.push(line),
      typing: (on: boolean) => heard.push({ typing: on }),
      media: (media: Media) => heard.push({ media }),
    },
    isUp: () => isUp,
    hasServer: () => hasServer,
    sayToServer: (message: unknown) => toServer.push(message),
    newId: () => {
      ids += 1;
      return `own-${ids}`;
    },
    floods: () => {
      floods += 1;
    },
  };
  talk = new Talk(host, timing);
  channel = new Channel();
});
const line = (id: string, text: string) => ({ id, from: "them", text, at: timing.now() });

describe("what this side says", () => {
  test("goes through the server while there is no channel, and over it as soon as it is open", () => {
    expect(talk.say("one")).toEqual({ id: "own-1", from: "you", text: "one", at: timing.now() });
    channel.readyState = "connecting";
    talk.use(channel);
    talk.say("two");
    channel.readyState = "open";
    talk.say("three");
    talk.type(true);
    expect(toServer).toEqual([
      { type: "chat", id: "own-1", text: "one" },
      { type: "chat", id: "own-2", text: "two" },
    ]);
    expect(channel.sent).toEqual([
      { type: "chat", id: "own-3", text: "three" },
      { type: "typing", on: true },
    ]);
  });

  test("goes through the server when the channel would keep it, or does not take it", () => {
    talk.use(channel);
    isUp = false;
    talk.say("one");
    isUp = true;
    channel.send = () => {
      throw new DOMException("its buffer is full", "OperationError");
    };
    talk.say("two");
    expect(toServer).toHaveLength(2);
    expect(channel.sent).toEqual([]);
  });

  test("is of 1 to 2,000 characters, and text", () => {
    expect(() => talk.say("")).toThrow(RangeError);
    expect(() => talk.say("x".repeat(2_001))).toThrow(RangeError);
    expect(talk.say("half \ud83d of one").text).toBe("half \ufffd of one");
    expect(talk.say("\ud83d\ude00").text).toBe("\ud83d\ude00");
    expect(toServer).toHaveLength(2);
  });

  test("that it is typing is said when it changes", () => {
    for (const on of [false, true, true, false, false, true]) talk.type(on);
    expect(toServer).toEqual([true, false, true].map((on) => ({ type: "typing", on })));
  });

  test("what it sends is told over the channel only, and as it is when that opens", () => {
    talk.show({ audio: true, video: false });
    talk.show({ audio: true, video: true });
    channel.readyState = "connecting";
    talk.use(channel);
    expect(channel.sent).toEqual([]);
    channel.readyState = "open";
    channel.dispatchEvent(new Event("open"));
    talk.show({ audio: false, video: true });
    expect(channel.sent).toEqual([
      { type: "media", audio: true, video: true },
      { type: "media", audio: false, video: true },
    ]);
    expect(toServer).toEqual([]);
  });
});

describe("what the partner says", () => {
  beforeEach(() => talk.use(channel));

  test("is heard over either, and once", () => {
    talk.hear({ type: "chat", matchId: "1", id: "a", text: "one", name: "somebody" });
    channel.says({ type: "chat", id: "a", text: "one" });
    channel.says({ type: "chat", id: "b", text: "two" });
    talk.hear({ type: "chat", matchId: "1", id: "b", text: "two" });
    expect(heard).toEqual([line("a", "one"), line("b", "two")]);
  });

  test("does not pass for what this side said", () => {
    const { id } = talk.say("mine");
    channel.says({ type: "chat", id, text: "not mine" });
    expect(heard).toEqual([]);
  });

  test("ends their typing", () => {
    channel.says({ type: "typing", on: true });
    channel.says({ type: "typing", on: true });
    channel.says({ type: "chat", id: "a", text: "done" });
    talk.hear({ type: "typing", matchId: "1", on: false });
    talk.hear({ type: "typing", matchId: "1", on: true });
    talk.pause();
    talk.pause();
    expect(heard).toEqual([
      { typing: true },
      { typing: false },
      line("a", "done"),
      { typing: true },
      { typing: false },
    ]);
  });

  test.each<[string, unknown]>([
    ["no JSON", "chat"],
    ["bytes", new ArrayBuffer(8)],
    ["nothing", undefined],
    ["no object", "null"],
    ["a list", '[{"type":"chat","id":"a","text":"x"}]'],
    ["an unknown type", '{"type":"ended","reason":"left"}'],
    ["an inherited type", '{"type":"constructor"}'],
    ["no id", '{"type":"chat","text":"x"}'],
    ["a long id", JSON.stringify({ type: "chat", id: "x".repeat(65), text: "x" })],
    ["no text", '{"type":"chat","id":"a","text":""}'],
    ["a long text", JSON.stringify({ type: "chat", id: "a", text: "x".repeat(2_001) })],
    ["half a character", '{"type":"chat","id":"a","text":"\\ud83d"}'],
    ["much more beside it", JSON.stringify({ type: "chat", id: "a", text: "x", more: "x".repeat(16_384) })],
    ["a number for yes", '{"type":"media","audio":1,"video":true}'],
    ["deep nesting", `${"[".repeat(8_000)}${"]".repeat(8_000)}`],
  ])("is passed over if it is %s", (_, data) => {
    expect(() => channel.receive(data)).not.toThrow();
    expect(heard).toEqual([]);
  });

  test("is heard as long as it is no flood, and again after it", () => {
    const flood = (name: string) => {
      for (let n = 0; n < 1_000; n += 1) channel.says({ type: "chat", id: `${name}-${n}`, text: "x" });
    };
    flood("first");
    expect(heard).toHaveLength(60);
    timing.pass(1_000);
    flood("second");
    expect(heard).toHaveLength(68);
    timing.pass(60_000);
    channel.says({ type: "chat", id: "later", text: "heard" });
    expect(heard.at(-1)).toMatchObject({ text: "heard" });
  });

  test("of one kind takes nothing from the others", () => {
    for (let n = 0; n < 100; n += 1) channel.says({ type: "typing", on: n % 2 === 0 });
    for (let n = 0; n < 100; n += 1) channel.says({ type: "chat", id: `flood-${n}`, text: "x" });
    channel.says({ type: "media", audio: true, video: false });
    expect(heard.at(-1)).toEqual({ media: { audio: true, video: false } });
  });

  test("is told of once as a flood, when thousands were passed over", () => {
    for (let n = 0; n < 240 + 1_900; n += 1) channel.receive("garbage");
    expect(floods).toBe(0);
    for (let n = 0; n < 5_000; n += 1) channel.receive("garbage");
    expect(floods).toBe(1);
  });

  test("is told of as a flood sooner where the messages are long", () => {
    for (let n = 0; n < 240 + 30; n += 1) channel.receive("x".repeat(60_000));
    expect(floods).toBe(0);
    for (let n = 0; n < 5; n += 1) channel.receive("x".repeat(60_000));
    expect(floods).toBe(1);
  });

  test("garbage counts towards the flood", () => {
    for (let n = 0; n < 240; n += 1) channel.receive("garbage");
    channel.says({ type: "chat", id: "a", text: "x" });
    expect(heard).toEqual([]);
  });

  test("is remembered for 512 lines", () => {
    const say = (id: number) => talk.hear({ type: "chat", matchId: "1", id: String(id), text: "x" });
    for (let id = 0; id < 513; id += 1) say(id);
    say(1);
    expect(heard).toHaveLength(513);
    say(0);
    expect(heard).toHaveLength(514);
  });
});
