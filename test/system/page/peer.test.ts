/** A call between two browsers, without the page and without the edge: what they see and say. */
import { describe, expect, test } from "vitest";
import { BOTH, callPages } from "./call-pages.ts";

const calls = callPages();
const {
  meet,
  meetForWords,
  bothSee,
  bothConnect,
  channelOpens,
  hears,
  saidTypes,
  descriptions,
  sees,
  connects,
} = calls;

describe("media", () => {
  test("each sees the other, and knows how good the connection is", async () => {
    await meet();
    await bothSee();
    const route = await calls.page.evaluate(async () => {
      await inPage.until(async () => (await polite.call.quality()).inKbps > 0);
      await inPage.until(async () => (await polite.call.quality()).level !== "unknown");
      return (await polite.call.quality()).route;
    });
    expect(route).toBe("direct");
    expect(await calls.page.evaluate(() => polite.call.remote.getTracks().map(({ kind }) => kind))).toEqual([
      "audio",
      "video",
    ]);
  });

  test("one stream carries both kinds, so that lips and voice keep together", async () => {
    await meet();
    await bothConnect();
    for (const name of BOTH) {
      const [{ sdp = "" } = {}] = await descriptions(name);
      expect(new Set([...sdp.matchAll(/a=msid:(\S+)/g)].map(([, id]) => id)).size, name).toBe(1);
    }
  });

  test("who has no camera sees the other all the same", async () => {
    await calls.page.evaluate(async () => {
      globalThis.polite = new inPage.Side("polite");
      globalThis.impolite = new inPage.Side("impolite");
      polite.call.send(undefined);
      impolite.call.send(await inPage.stream());
    });
    await sees("polite");
    await calls.page.waitForFunction(
      () => impolite.theirs?.video === false && impolite.theirs.audio === false,
    );
    expect(await calls.page.evaluate(() => impolite.frames())).toBe(0);
  });

  test("tracks come, go and are muted without any negotiation", async () => {
    await meet();
    await bothSee();
    const said = (await Promise.all(BOTH.map(descriptions))).flat().length;
    await calls.page.evaluate(() => impolite.call.send(undefined));
    await calls.page.waitForFunction(() => polite.theirs?.video === false);
    await calls.page.evaluate(async () => {
      const stream = await inPage.stream();
      for (const track of stream.getAudioTracks()) track.enabled = false;
      impolite.call.send(stream);
    });
    await calls.page.waitForFunction(() => polite.theirs?.video === true && !polite.theirs.audio);
    await sees("polite");
    expect((await Promise.all(BOTH.map(descriptions))).flat()).toHaveLength(said);
  });

  test("the last of several changes in a row is what is sent", async () => {
    await meet();
    await bothSee();
    await calls.page.evaluate(async () => {
      const stream = await inPage.stream();
      impolite.call.send(stream);
      impolite.call.send(undefined);
      polite.call.send(undefined);
      polite.call.send(stream);
    });
    await sees("impolite");
    const sent = await calls.page.evaluate(() =>
      inPage.connections.map((connection) => connection.getSenders().map(({ track }) => track !== null)),
    );
    expect(sent).toEqual([
      [true, true],
      [false, false],
    ]);
    expect(await calls.page.evaluate(() => polite.call.theirs)).toEqual({ audio: false, video: false });
  });

  test("in a call of words there are no tracks, even if the other side offers some", async () => {
    await calls.page.evaluate(async () => {
      globalThis.polite = new inPage.Side("polite", { mode: "text" });
      globalThis.impolite = new inPage.Side("impolite");
      impolite.call.send(await inPage.stream());
    });
    await connects("polite");
    await calls.page.evaluate(() => polite.call.say("words"));
    await hears("impolite", "words");
    expect(await calls.page.evaluate(() => polite.call.remote.getTracks().length)).toBe(0);
    const [{ sdp = "" } = {}] = await descriptions("polite");
    expect(sdp.match(/a=inactive/g)).toHaveLength(2);
  });
});

describe("words", () => {
  test("through the server until the channel is open, then over it; nothing is shown twice", async () => {
    await calls.page.evaluate(() => {
      globalThis.polite = new inPage.Side("polite", { mode: "text" });
      polite.pipe = "held";
      globalThis.impolite = new inPage.Side("impolite", { mode: "text" });
      impolite.call.say("early");
    });
    await hears("polite", "early");
    await calls.page.evaluate(() => polite.release());
    await bothConnect();
    await channelOpens();
    await calls.page.evaluate(() => {
      impolite.call.type(true);
      impolite.call.say("later");
      polite.call.say("and back");
    });
    await Promise.all([hears("polite", "later"), hears("impolite", "and back")]);
    expect(await saidTypes("impolite")).toEqual(["chat"]);
    expect(await saidTypes("polite")).toEqual([]);
    const { heard, typing } = await calls.page.evaluate(() => {
      for (const { id, text } of polite.heard) polite.call.hear({ type: "chat", matchId: "1", id, text });
      return { heard: polite.heard.map(({ text }) => text), typing: polite.typing };
    });
    expect(heard).toEqual(["early", "later"]);
    expect(typing).toEqual([true, false]);
    const [{ sdp = "" } = {}] = await descriptions("impolite");
    expect(sdp).not.toMatch(/m=(audio|video)/);
  });

  test("what is no message, is too long or comes too fast is passed over, and the call goes on", async () => {
    await meetForWords();
    await bothConnect();
    await channelOpens();
    const { chats, theirs } = await calls.page.evaluate(async () => {
      const [channel] = inPage.channels;
      if (!channel) throw new Error("no channel");
      const say = (message: object) => channel.send(JSON.stringify(message));
      for (const garbage of ["", "{", "null", "[]", "7", '"chat"', "{}", '{"type":"__proto__"}'])
        channel.send(garbage);
      channel.send(new Uint8Array([1, 2, 3]));
      channel.send("x".repeat(200_000));
      say({ type: "chat", id: "", text: "without a name" });
      say({ type: "chat", id: "1", text: "" });
      say({ type: "chat", id: "1", text: "x".repeat(2_001) });
      say({ type: "chat", id: "1", text: "half \ud800" });
      say({ type: "chat", id: { toString: "1" }, text: ["x"] });
      say({ type: "chat", id: "1", text: "long", more: "x".repeat(20_000) });
      say({ type: "media", audio: "yes", video: 1 });
      say({ type: "ended", reason: "left" });
      say({ type: "chat", id: "1", text: "good", more: "is passed over" });
      say({ type: "chat", id: "1", text: "again" });
      for (let n = 2; n < 1_000; n += 1) say({ type: "chat", id: String(n), text: "flood" });
      // The partner's side takes them in order: its answer to this comes after all of them.
      return { chats: polite.heard.length, theirs: polite.call.theirs };
    });
    expect(chats).toBe(0);
    expect(theirs).toEqual({ audio: false, video: false });
    await hears("polite", "flood");
    await calls.page.evaluate(() => polite.call.say("still there"));
    await hears("impolite", "still there");
    const texts = await calls.page.evaluate(() => polite.heard.map(({ text }) => text));
    expect(texts[0]).toBe("good");
    expect(new Set(texts)).toEqual(new Set(["good", "flood"]));
    // Of 999 that were said; a browser that is slow hears more of them, as they come more slowly.
    expect(texts.length).toBeLessThan(200);
  });

  test("whoever sends thousands is left, and not met again", async () => {
    await meetForWords();
    await bothConnect();
    await channelOpens();
    await calls.page.evaluate(() => {
      const [channel] = inPage.channels;
      for (let n = 0; n < 2_500; n += 1) channel?.send("{}");
    });
    await calls.page.waitForFunction(() => polite.ended === "left");
    expect(await saidTypes("polite")).toContain("block");
  });

  test("a second channel is of no use to whoever opens it, and the first goes on", async () => {
    await meetForWords();
    await bothConnect();
    await channelOpens();
    for (const opener of [0, 1]) {
      await calls.page.evaluate(async (opener) => {
        const channel = inPage.connections[opener]?.createDataChannel("more");
        await new Promise((closed) => channel?.addEventListener("close", closed));
      }, opener);
    }
    await calls.page.evaluate(() => impolite.call.say("as before"));
    await hears("polite", "as before");
    expect(await saidTypes("impolite")).toEqual([]);
  });
});
