/** Strangers meet, talk, and go on to the next. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { meet, talk } from "./person.ts";
import { show } from "./screenshots.ts";
import { type Stack, startStack } from "./stack.ts";
import { visitors } from "./visitors.ts";

/** Milliseconds from a press on "Next" to its effect on both sides. */
const NEXT_MS = 1_000;
/** Milliseconds after which somebody who is there is in the numbers. */
const COUNTED_MS = 15_000;

const arrive = visitors();
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

test("two see each other, talk, and part; one who comes then is matched at once", async () => {
  const [one, other, third] = [await arrive(stack), await arrive(stack), await arrive(stack)];
  await show(one.page, "start");
  await one.start();
  await one.reads("Searching");
  await show(one.page, "searching");
  await other.start();
  await talk(one, other);

  await one.say("Hello from one");
  await other.hears("Hello from one");
  await other.say("Hello from the other");
  await one.hears("Hello from the other");
  await other.page.getByRole("textbox", { name: "Message" }).pressSequentially("I am writ");
  await one.page.getByText("The stranger is typing").waitFor();
  await show(one.page, "call");

  const pressedAt = performance.now();
  await one.press("Next");
  await Promise.all([one.reads(/searching/i), other.reads(/searching/i)]);
  expect(performance.now() - pressedAt).toBeLessThan(NEXT_MS);
  await expect.poll(() => connectionStates(one.page)).toEqual(["closed"]);
  await expect.poll(() => connectionStates(other.page)).toEqual(["closed"]);

  await third.start();
  // Who did not ask to go on is in front of who did.
  await talk(third, other);
  await one.reads("Searching");
  await third.say("Hello from the third");
  await other.hears("Hello from the third");
  expect(await other.chat.getByText("Hello from one").count()).toBe(0);
});

test("two who want to write only meet without a camera, and write", async () => {
  const [one, other] = [await arrive(stack, { devices: "none" }), await arrive(stack, { devices: "none" })];
  await Promise.all([one.start({ isTextOnly: true }), other.start({ isTextOnly: true })]);
  await Promise.all([one.reads("Connected"), other.reads("Connected")]);
  await one.say("Only words");
  await other.hears("Only words");
  await show(one.page, "text");
  await other.press("Stop");
  await other.button("Start").waitFor();
  await one.reads("They left; searching");
});

test("a mute and a camera that is off are heard of on the other side, and nothing is negotiated anew", async () => {
  const [one, other] = [await arrive(stack), await arrive(stack)];
  await meet(one, other);
  await one.press("Mute");
  await one.button("Unmute").waitFor();
  await one.press("Camera off");
  await one.button("Camera on").waitFor();
  await other.page.getByText("Their camera is off").waitFor();
  await one.press("Camera on");
  await other.sees();
  expect(await connectionStates(other.page)).toEqual(["connected"]);
});

test("numbers of who is there are shown", async () => {
  const [one, other] = [await arrive(stack), await arrive(stack)];
  await other.start();
  await other.reads("Searching");
  // Who searches counts, however old the numbers are.
  const own = other.page.getByText(/^\d+ online, \d+ waiting$/);
  expect(await own.textContent()).toMatch(/^[1-9]\d* online, [1-9]\d* waiting$/);
  const numbers = one.page.getByText(/^\d+ online, \d+ waiting$/);
  await expect
    .poll(
      async () => {
        await one.page.reload();
        return numbers.textContent();
      },
      { timeout: COUNTED_MS, interval: 500 },
    )
    .toBe("1 online, 1 waiting");
});

type Page = Parameters<typeof show>[0];
const connectionStates = (page: Page): Promise<string[]> =>
  page.evaluate(() => window.connections.map(({ connectionState }) => connectionState));
