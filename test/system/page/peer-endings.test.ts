/** How a call goes on without the server, and how it ends. */
import type { Page } from "playwright-core";
import { beforeEach, describe, expect, test } from "vitest";
import { callPages } from "./call-pages.ts";

const calls = callPages();
const { meet, meetForWords, bothSee, bothConnect, channelOpens, hears, saidTypes, sees, open } = calls;

describe("without the server", () => {
  test("everything goes on while it is gone, and ICE is restarted once it is back", async () => {
    await meet();
    await bothSee();
    await channelOpens();
    await calls.page.evaluate(() => {
      polite.drop();
      impolite.drop();
      polite.said.length = 0;
      polite.call.restart();
      polite.call.say("still here");
    });
    await bothSee();
    await hears("impolite", "still here");
    expect(await calls.page.evaluate(() => polite.said)).toEqual([]);
    await calls.page.evaluate(() => {
      impolite.comeBack();
      polite.comeBack();
    });
    await calls.page.waitForFunction(() => impolite.saidDescriptions.some(({ type }) => type === "answer"));
    await bothSee();
  });

  test("while the other side is away nothing is signaled to them, and words go on", async () => {
    await meetForWords();
    await bothConnect();
    await channelOpens();
    await calls.page.evaluate(() => {
      impolite.said.length = 0;
      impolite.call.hear({ type: "peer-reconnecting", matchId: "1", seconds: 60 });
      impolite.call.restart();
      impolite.call.say("I hear you");
    });
    await hears("polite", "I hear you");
    expect(await calls.page.evaluate(() => (impolite.call.partnerAway ?? 0) > Date.now() + 50_000)).toBe(
      true,
    );
    expect(await calls.page.evaluate(() => impolite.said)).toEqual([]);
    await calls.page.evaluate(() => impolite.call.hear({ type: "peer-resumed", matchId: "1" }));
    await calls.page.waitForFunction(() => polite.saidDescriptions.length === 2);
    expect(await calls.page.evaluate(() => impolite.call.partnerAway)).toBeNull();
  });

  test("a match that is over for the server goes on until one of the two goes", async () => {
    await meet();
    await bothSee();
    await channelOpens();
    await calls.page.evaluate(() => {
      for (const { call } of [polite, impolite]) call.detach();
    });
    await calls.page.waitForFunction(() => polite.call.isDetached && impolite.call.isDetached);
    await bothSee();
    await calls.page.evaluate(() => polite.call.say("without them"));
    await hears("impolite", "without them");
    await expect(calls.page.evaluate(() => polite.call.report("shouts"))).rejects.toThrow(
      "without the server",
    );
    await calls.page.evaluate(() => polite.call.next());
    await calls.page.waitForFunction(() => impolite.ended !== undefined);
    const ends = await calls.page.evaluate(() =>
      [polite, impolite].map(({ ended, searches }) => ({ ended, searches })),
    );
    expect(ends).toEqual([
      { ended: "you", searches: 1 },
      { ended: "left", searches: 1 },
    ]);
    expect([await saidTypes("polite"), await saidTypes("impolite")]).toEqual([[], []]);
  });
});

describe("the other side closes its page", () => {
  let other: Page;
  beforeEach(async () => {
    other = await open();
    await calls.page.evaluate(async () => {
      globalThis.polite = new inPage.Side("polite");
      polite.call.send(await inPage.stream());
    });
    await other.evaluate(async () => {
      globalThis.impolite = new inPage.Side("impolite");
      impolite.call.send(await inPage.stream());
    });
    await sees("impolite", other);
    await calls.page.waitForFunction(() => polite.theirs?.video === true);
  });
  const ended = () => calls.page.waitForFunction(() => polite.ended, undefined, { timeout: 3_000 });

  test("and the server does not know it yet: the next one, please", async () => {
    await other.close();
    expect(await (await ended()).jsonValue()).toBe("left");
    expect(await calls.page.evaluate(() => [polite.call.isUp, polite.searches])).toEqual([false, 0]);
  });

  test("and the server says so first: nobody hears of a call that goes on", async () => {
    await calls.page.evaluate(() => {
      polite.call.on("change", () => {
        if (polite.call.isDetached) throw new Error("detached");
      });
      polite.call.detach();
    });
    await other.close();
    expect(await (await ended()).jsonValue()).toBe("left");
    expect(await calls.page.evaluate(() => polite.searches)).toBe(1);
  });

  test("and one's own connection to the server is gone: what it knows is waited for", async () => {
    await calls.page.evaluate(() => polite.drop());
    await other.close();
    await calls.page.waitForFunction(() => !polite.call.isUp);
    expect(await calls.page.evaluate(() => polite.ended)).toBeUndefined();
    await calls.page.evaluate(() => polite.comeBack());
    expect(await (await ended()).jsonValue()).toBe("left");
  });
});

describe("the end", () => {
  test("comes once, after what ends it was said; nothing is heard after it", async () => {
    await meetForWords();
    await bothConnect();
    await channelOpens();
    const { said, ended, changes, refused } = await calls.page.evaluate(() => {
      let changes = 0;
      let refused = "";
      impolite.call.on("ended", () => {
        changes += 1;
      });
      impolite.call.block();
      impolite.call.on("change", () => {
        changes += 1;
      });
      impolite.call.next();
      impolite.call.end("stopped");
      impolite.call.hear({ type: "chat", matchId: "1", id: "1", text: "too late" });
      impolite.call.hear({ type: "peer-reconnecting", matchId: "1", seconds: 60 });
      impolite.call.resumed(impolite.match);
      impolite.call.detach();
      impolite.call.restart();
      try {
        impolite.call.say("too late");
      } catch (error) {
        refused = String(error);
      }
      return { said: impolite.saidTypes(), ended: impolite.ended, changes, refused };
    });
    expect(refused).toBe("Error: the call is over");
    expect({ said, ended, changes }).toEqual({ said: ["block"], ended: "you", changes: 1 });
    expect(await calls.page.evaluate(() => impolite.heard)).toEqual([]);
    expect(await calls.page.evaluate(() => inPage.connections.at(-1)?.connectionState)).toBe("closed");
  });

  test("a report is answered, even after a block", async () => {
    await meetForWords();
    const answered = calls.page.evaluate(async () => {
      const report = impolite.call.report("shouts");
      impolite.call.block();
      impolite.call.hear({ type: "reported", matchId: "1" });
      await report;
      return impolite.saidTypes();
    });
    expect(await answered).toEqual(["report", "block"]);
  });
});
