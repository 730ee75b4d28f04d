/** Signing in that does not work out: what the page says, and what it keeps. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { newKey } from "../../support/bunker.ts";
import { honest, install } from "./extension.ts";
import type { Person } from "./person.ts";
import { show } from "./screenshots.ts";
import { isSignedIn, kept, openSignIn } from "./signing-in.ts";
import { type Stack, startStack } from "./stack.ts";
import { visitors } from "./visitors.ts";

const arrive = visitors();
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

/** An extension of somebody who can change their mind. */
const withExtension = () => {
  const { secret, npub } = newKey();
  const mind = { refuses: false };
  const signEvent: typeof answers.signEvent = (draft) => {
    if (mind.refuses) throw new Error("not today");
    return answers.signEvent(draft);
  };
  const answers = honest(secret);
  return { npub, mind, prepare: install({ ...answers, signEvent }) };
};

/** What the page has loaded beside what it starts with. */
const chunks = ({ page }: Person): Promise<string[]> =>
  page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .map(({ name }) => new URL(name).pathname)
      .filter((path) => /\/chunks\/main-/.test(path)),
  );

test("who has nothing to do with Nostr loads none of it, and keeps nothing", async () => {
  const one = await arrive(stack);
  await one.page.getByText(/online/).waitFor();
  expect(await chunks(one)).toEqual([]);
  await openSignIn(one);
  await one.page.getByRole("img", { name: "QR code" }).waitFor();
  expect(await chunks(one)).toHaveLength(1);
  await one.press("Cancel");
  await one.dialog("Sign in").waitFor({ state: "detached" });
  expect(await kept(one)).toBeNull();
});

test("what is no bunker URI is told what it is instead", async () => {
  const one = await arrive(stack);
  const dialog = await openSignIn(one);
  const field = dialog.getByRole("textbox", { name: "Bunker URI" });
  one.watch.allow("127.0.0.1:9");
  for (const [text, words] of [
    ["nsec1abc", "That is a private key"],
    ["01".repeat(32), "That may be a private key"],
    ["hello", "That is no bunker URI"],
    [`bunker://${"ab".repeat(32)}`, "names no relay"],
    [`bunker://${"ab".repeat(32)}?relay=ws://127.0.0.1:9`, "The relay cannot be reached. 127.0.0.1:9"],
  ] as const) {
    await field.fill(text);
    await dialog.getByRole("button", { name: "Connect", exact: true }).click();
    await dialog.getByRole("alert").filter({ hasText: words }).waitFor();
    await expect.poll(() => field.inputValue()).toBe(words.includes("private key") ? "" : text);
  }
  await show(one.page, "sign-in-failed");
});

test("an extension that refuses when the page comes back: who was signed in is not, and the page says so", async () => {
  const { npub, mind, prepare } = withExtension();
  const one = await arrive(stack, { prepare });
  const dialog = await openSignIn(one);
  await dialog.getByRole("button", { name: "Browser extension" }).click();
  await isSignedIn(one, npub);
  expect(await kept(one)).toBe('{"by":"extension"}');

  mind.refuses = true;
  await one.page.reload();
  const alert = await one.problem("Your extension said no");
  expect(await alert.textContent()).toContain("“not today”");
  await show(one.page, "signed-out");
  expect(await kept(one)).toBeNull();
  await alert.getByRole("button", { name: "All right" }).click();
  await alert.waitFor({ state: "detached" });
  await one.button("Sign in").waitFor();
});

test("a link that does not sign in opens the dialog, also in the room", async () => {
  const one = await arrive(stack);
  await one.start();
  await one.reads("Searching");
  await one.page.evaluate(() => {
    location.hash = "bunker=bunker%3A%2F%2Fx";
  });
  const dialog = one.dialog("Sign in");
  await dialog.getByRole("alert").filter({ hasText: "That is no bunker URI" }).waitFor();
  expect(await dialog.getByRole("textbox", { name: "Bunker URI" }).inputValue()).toBe("bunker://x");
  expect(new URL(one.page.url()).hash).toBe("");
  await one.page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await one.reads("Searching");
});
