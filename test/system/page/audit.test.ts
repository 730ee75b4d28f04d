/** Whether everybody can use the page: by keyboard alone, and on every screen that no other test here shows. */
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { meet, type Person, talk } from "./person.ts";
import { show } from "./screenshots.ts";
import { type Stack, startStack } from "./stack.ts";
import { visitors } from "./visitors.ts";

/** More presses of Tab than any screen should ask for. */
const MOST_TABS = 40;

const arrive = visitors();
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

/** Presses Tab until `wanted` has the focus. */
async function tabTo({ page }: Person, wanted: Locator): Promise<void> {
  await wanted.waitFor();
  for (let presses = 0; presses < MOST_TABS; presses += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${wanted} is not reached by Tab`);
}

test("by keyboard alone: start, talk, mute, go on to the next, and stop", async () => {
  const [one, other, third] = [await arrive(stack), await arrive(stack), await arrive(stack)];
  const { keyboard } = one.page;
  await tabTo(one, one.page.getByRole("radio", { name: "Video" }));
  await tabTo(one, one.page.getByRole("textbox", { name: "Interests" }));
  await keyboard.type("chess");
  await tabTo(one, one.button("Start"));
  await keyboard.press("Enter");
  await one.reads("Searching");
  await other.start({ interests: "chess" });
  await talk(one, other);

  await tabTo(one, one.page.getByRole("textbox", { name: "Message" }));
  await keyboard.type("mv");
  await keyboard.press("Enter");
  await other.hears("mv");
  // Those were letters; now they are keys.
  await one.button("Mute").waitFor();
  await tabTo(one, one.button("Camera off"));
  await keyboard.press("m");
  await one.button("Unmute").waitFor();
  await keyboard.press("v");
  await other.page.getByText("Their camera is off").waitFor();

  const own = one.page.getByLabel("You", { exact: true });
  await tabTo(one, own);
  const before = await own.boundingBox();
  for (let step = 0; step < 3; step += 1) await keyboard.press("ArrowLeft");
  await expect.poll(async () => (await own.boundingBox())?.x).toBeLessThan(before?.x ?? 0);

  // With a dialog open, Esc closes it, and nothing else.
  await tabTo(one, one.button("Report"));
  await keyboard.press("Enter");
  await one.dialog("Report").waitFor();
  await keyboard.press("Escape");
  await one.dialog("Report").waitFor({ state: "detached" });
  await one.reads("Connected");
  expect(await one.button("Report").evaluate((button) => button === document.activeElement)).toBe(true);

  await keyboard.press("Escape");
  await other.reads("They left; searching");
  await one.reads("Searching");
  await third.start({ interests: "chess" });
  await Promise.all([third.reads("Connected"), other.reads("Connected")]);
  await tabTo(one, one.button("Stop"));
  await keyboard.press("Enter");
  await one.button("Start").waitFor();
});

test("the dialogs of a call, and what they do", async () => {
  const [one, other] = [await arrive(stack), await arrive(stack)];
  await meet(one, other);
  await one.press("Devices");
  await one.dialog("Devices").getByRole("combobox", { name: "Microphone" }).waitFor();
  await show(one.page, "devices");
  await one.dialog("Devices").getByRole("combobox", { name: "Microphone" }).selectOption({ index: 1 });
  await one.page.keyboard.press("Escape");

  await one.press("Report");
  const report = one.dialog("Report");
  await report.getByRole("radio").first().check();
  await show(one.page, "report");
  await report.getByRole("button", { name: "Report and block" }).click();
  await other.reads("They left; searching");
  await one.reads("Searching");
});

test("words that are long, that run the other way, or that want to be markup stay in their place", async () => {
  const [one, other] = [await arrive(stack), await arrive(stack)];
  await meet(one, other);
  for (const text of ["w".repeat(2_000), "<img src=x onerror=alert(1)> & <b>bold</b>", "שלום عليكم"]) {
    await one.say(text);
    await other.hears(text);
  }
  await show(other.page, "call-with-long-words");
});

test("with the preview on, the start screen lists the devices", async () => {
  const person = await arrive(stack);
  await person.press("Turn on camera");
  await person.page.getByRole("combobox", { name: "Camera" }).waitFor();
  await person.page.getByRole("combobox", { name: "Microphone" }).waitFor();
  await show(person.page, "start-with-preview");
});
