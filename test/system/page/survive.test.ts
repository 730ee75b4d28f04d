/** A call goes past the server, and does not need it. */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { watchVideo } from "./connections.ts";
import { meet } from "./person.ts";
import { show } from "./screenshots.ts";
import { type Stack, startStack } from "./stack.ts";
import { visitors } from "./visitors.ts";

/** Milliseconds for which the server is out of reach. */
const CUT_MS = 20_000;
/** Milliseconds without a new frame that no eye takes for a stop, on a busy machine. */
const BLINK_MS = 1_500;

const arrive = visitors();
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

test("one whose way to the server is cut for 20 s goes on seeing and talking, is told, and recovers", async () => {
  const way = await stack.way();
  const [one, other] = [await arrive(stack, { url: way.url }), await arrive(stack)];
  await meet(one, other);
  const videos = await Promise.all([watchVideo(one.page), watchVideo(other.page)]);
  await way.cut();
  await one.reads("Reconnecting to the server; the call goes on");
  await other.reads("The stranger's connection to the server is gone; the call goes on");
  await one.say("Do you see me?");
  await other.hears("Do you see me?");
  await show(one.page, "reconnecting");
  await show(other.page, "partner-reconnecting");
  await pause(CUT_MS);
  await other.say("All the time");
  await one.hears("All the time");
  await way.mend();
  await Promise.all([one.reads("Connected"), other.reads("Connected")]);
  for (const video of videos) expect(await video.longestStandstill()).toBeLessThan(BLINK_MS);
  for (const { page } of [one, other]) expect(await page.evaluate(() => window.connections.length)).toBe(1);

  // The server is theirs again: it is what parts them.
  await one.press("Next");
  await Promise.all([one.reads("Searching"), other.reads("They left; searching")]);
});

test("the edge is restarted, and both go on seeing and talking, are told, and recover", async () => {
  const [one, other] = [await arrive(stack), await arrive(stack)];
  await meet(one, other);
  const videos = await Promise.all([watchVideo(one.page), watchVideo(other.page)]);
  const told = Promise.all([one, other].map((person) => person.reads("Reconnecting to the server")));
  const restarted = stack.restart();
  await told;
  await one.say("And now?");
  await other.hears("And now?");
  await restarted;
  await Promise.all([one.reads("Connected"), other.reads("Connected")]);
  await other.say("All is well");
  await one.hears("All is well");
  for (const video of videos) expect(await video.longestStandstill()).toBeLessThan(BLINK_MS);
  await other.press("Next");
  await Promise.all([other.reads("Searching"), one.reads("They left; searching")]);
});

test("of who vanishes without a word nobody is told that they are there", async () => {
  const [one, other] = [await arrive(stack), await arrive(stack)];
  await meet(one, other);
  const statuses = await other.page.evaluateHandle(() => {
    const found: (string | null)[] = [];
    const status = document.getElementById("status");
    const look = () => found.push(status?.textContent ?? null);
    if (status)
      new MutationObserver(look).observe(status, { childList: true, characterData: true, subtree: true });
    // Whoever else asks makes Chromium answer with figures that are up to 50 ms old.
    setInterval(() => window.connections[0]?.getStats(), 60);
    return found;
  });
  const session = await one.context.newCDPSession(one.page);
  // It is answered by nobody any more.
  session.send("Page.crash").catch(() => {});
  await other.reads("Reconnecting to the stranger");
  // Nobody could ask it what it has done.
  await one.page.close();
  expect((await statuses.jsonValue()).filter((text) => text?.includes("goes on"))).toEqual([]);
});

test("a page that is closed lets the other side go on to the next at once", async () => {
  const [one, other, third] = [await arrive(stack), await arrive(stack), await arrive(stack)];
  await meet(one, other);
  await one.page.close({ runBeforeUnload: false });
  await other.reads("They left; searching");
  await third.start();
  await Promise.all([third.reads("Connected"), other.reads("Connected")]);
});
