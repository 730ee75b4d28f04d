/** Reports: what becomes of them is told, with a server and without. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { meet, type Person } from "./person.ts";
import { type Stack, startStack } from "./stack.ts";
import { visitors } from "./visitors.ts";

const THANKS = "Thank you. The report was taken";

const arrive = visitors();
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

async function report(person: Person, button: "Report" | "Report and block"): Promise<void> {
  await person.press("Report");
  const dialog = person.dialog("Report");
  await dialog.getByRole("radio", { name: "Spam or fraud" }).check();
  await dialog.getByRole("button", { name: button, exact: true }).click();
}

test("who reports and blocks is told so, and goes on from the top of the screen", async () => {
  const [one, other] = [await arrive(stack), await arrive(stack)];
  await meet(one, other);
  await report(one, "Report and block");
  await one.hears(`${THANKS}; you will not meet again.`);
  await one.reads("Searching");
  await other.reads("They left; searching");
  expect(await one.dialog("Report").count()).toBe(0);
  await expect.poll(() => one.page.evaluate(() => document.activeElement?.tagName)).toBe("H1");

  // Whoever comes next does not wipe it away.
  const third = await arrive(stack);
  await third.start();
  await third.reads("Connected");
  const met = (await one.button("Report").count()) > 0 ? one : other;
  await met.reads("Connected");
  if (met === one) await one.hears(THANKS);
});

test("while the server is away a report says that it waits, and is taken once the server is back", async () => {
  const way = await stack.way();
  const [one, other] = [await arrive(stack, { url: way.url }), await arrive(stack)];
  await meet(one, other);
  await way.cut();
  await one.reads("Reconnecting to the server; the call goes on");
  await report(one, "Report");
  const status = one.dialog("Report").getByRole("status");
  await status.filter({ hasText: "Sending… The server is away: this is tried until it is back" }).waitFor();
  await way.mend();
  await status.filter({ hasText: THANKS }).waitFor();
  await one.dialog("Report").getByRole("button", { name: "Close" }).click();
  expect(await one.button("Report").evaluate((button) => button === document.activeElement)).toBe(true);
});

test("who closes the dialog meanwhile reads in the chat what has become of it", async () => {
  const way = await stack.way();
  const [one, other] = [await arrive(stack, { url: way.url }), await arrive(stack)];
  await meet(one, other);
  await way.cut();
  await one.reads("Reconnecting to the server; the call goes on");
  await report(one, "Report and block");
  await one.dialog("Report").getByRole("button", { name: "Close" }).click();
  await way.mend();
  await one.hears(`${THANKS}; you will not meet again.`);
  await other.reads("They left; searching");
});
