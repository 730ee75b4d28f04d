/** On a phone, upright, turned, and with its keyboard open, everything is within reach and the newest words in sight. */
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { meet, type Person } from "./person.ts";
import { type Stack, startStack } from "./stack.ts";
import { visitors } from "./visitors.ts";

const PHONE = { width: 360, height: 640 };
const SMALL = [
  { width: 568, height: 320 },
  { width: 640, height: 360 },
  { width: 320, height: 568 },
  // With a keyboard.
  { width: 360, height: 330 },
];

const arrive = visitors();
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

type Box = { x: number; y: number; width: number; height: number };

async function boxOf(element: Locator): Promise<Box> {
  const box = await element.boundingBox();
  if (!box) throw new Error(`${element} is not to be seen`);
  return box;
}

const isApart = (one: Box, other: Box): boolean =>
  one.x + one.width <= other.x ||
  other.x + other.width <= one.x ||
  one.y + one.height <= other.y ||
  other.y + other.height <= one.y;

/** How far below what is to be seen the log goes on, in pixels. */
const belowSight = ({ chat }: Person): Promise<number> =>
  chat.evaluate((log) => Math.round(log.scrollHeight - log.scrollTop - log.clientHeight));

test("one's own picture is clear of what is pressed and written in, and the buttons of a dialog are in sight", async () => {
  const [one, other] = [await arrive(stack), await arrive(stack)];
  await meet(one, other);
  await one.press("Mute");
  await one.page.getByText("Muted").waitFor();
  const own = one.page.getByLabel("You", { exact: true });
  for (const size of SMALL) {
    await one.page.setViewportSize(size);
    const name = `${size.width}x${size.height}`;
    const others = [
      one.page.getByRole("textbox", { name: "Message" }),
      ...["Send", "Next", "Stop", "Unmute", "Camera off", "Report", "Devices"].map((label) =>
        one.button(label),
      ),
      one.page.locator("#status"),
    ];
    const covered = async () => {
      const picture = await boxOf(own);
      expect(Math.min(picture.width, picture.height), name).toBeGreaterThan(44);
      const boxes = await Promise.all(
        others.map(async (each) => ({ each: `${each}`, box: await boxOf(each) })),
      );
      return boxes.filter(({ box }) => !isApart(picture, box)).map(({ each }) => each);
    };
    // The page is laid out anew once the browser has told it of its size.
    await expect.poll(covered, { message: name }).toEqual([]);

    await one.press("Report");
    const dialog = one.dialog("Report");
    for (const label of ["Report", "Report and block", "Cancel"]) {
      const { y, height } = await boxOf(dialog.getByRole("button", { name: label, exact: true }));
      expect(y + height, `${name}: ${label}`).toBeLessThanOrEqual(size.height);
    }
    await dialog.getByRole("radio").last().check();
    await dialog.getByRole("button", { name: "Cancel" }).click();
  }
});

test("the newest line stays in sight when a keyboard opens, when the phone is turned, and in a burst", async () => {
  const [one, other] = [await arrive(stack, { options: { viewport: PHONE } }), await arrive(stack)];
  await Promise.all([one.start({ isTextOnly: true }), other.start({ isTextOnly: true })]);
  await Promise.all([one.reads("Connected"), other.reads("Connected")]);
  const field = one.page.getByRole("textbox", { name: "Message" });
  const lines = Array.from({ length: 30 }, (_, index) => `Line ${index} of some words, so that it goes on`);
  for (const line of lines) {
    await field.fill(line);
    await field.press("Enter");
  }
  await other.hears("Line 29");
  expect(await other.chat.getByText(/^(Stranger: )?Line \d+/).allTextContents()).toHaveLength(lines.length);
  for (const size of [PHONE, { width: 360, height: 330 }, PHONE, { width: 640, height: 360 }, PHONE]) {
    await one.page.setViewportSize(size);
    await expect.poll(() => belowSight(one)).toBeLessThanOrEqual(1);
  }

  // Who has scrolled up reads there; what they say themselves they see.
  await one.chat.hover();
  await one.page.mouse.wheel(0, -400);
  await expect.poll(() => belowSight(one)).toBeGreaterThan(300);
  await other.say("Are you there?");
  await one.hears("Are you there?");
  expect(await belowSight(one)).toBeGreaterThan(300);
  await one.say("Yes");
  await expect.poll(() => belowSight(one)).toBeLessThanOrEqual(1);
});
