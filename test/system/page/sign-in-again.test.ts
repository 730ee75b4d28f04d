/** Being signed in beyond the page that one signed in on: other tabs, reloads, and links that are followed once more. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { newKey } from "../../support/bunker.ts";
import { honest, install } from "./extension.ts";
import { Person } from "./person.ts";
import { show } from "./screenshots.ts";
import { type Signer, startSigner } from "./signer.ts";
import { isSignedIn, kept, openSignIn, signOut } from "./signing-in.ts";
import { type Stack, startStack } from "./stack.ts";
import { visitors } from "./visitors.ts";

const arrive = visitors();
let stack: Stack;
let signer: Signer;
beforeAll(async () => {
  stack = await startStack();
  signer = await startSigner(stack);
});
afterAll(async () => {
  await signer.close();
  await stack.close();
});

const linkWith = (uri: string): URL => new URL(`#bunker=${encodeURIComponent(uri)}`, stack.url);

/** Goes there as from a bookmark: the page is loaded anew. */
async function follow({ page }: Person, uri: string): Promise<void> {
  await page.goto("about:blank");
  await page.goto(linkWith(uri).href);
}

async function anotherTab({ context, watch }: Person): Promise<Person> {
  const page = await context.newPage();
  await page.goto(stack.url.href);
  return new Person(context, page, watch);
}

test("a link that is followed again leaves one signed in; a fresh one signs in whose session is over", async () => {
  const { npub } = signer.key;
  const [first, second] = [await signer.uri(), await signer.uri()];
  const one = await arrive(stack, { url: linkWith(first) });
  await isSignedIn(one, npub);
  const before = await kept(one);
  await follow(one, first);
  await isSignedIn(one, npub);
  expect(await kept(one)).toBe(before);

  await signer.revoke(first);
  await follow(one, second);
  await isSignedIn(one, npub);
  // Nothing is kept for as long as neither of the two can be proven.
  await expect.poll(async () => [null, before].includes(await kept(one))).toBe(false);
  await expect.poll(() => one.page.getByRole("alert").count()).toBe(0);
  await one.page.reload();
  await isSignedIn(one, npub);

  await signer.revoke(second);
  await follow(one, second);
  const dialog = one.dialog("Sign in");
  await dialog.getByRole("alert").filter({ hasText: "Your signer said no" }).waitFor();
});

test("whoever signs out in one tab is signed out in the other; whoever signs in there is asked here", async () => {
  const { npub } = signer.key;
  const one = await arrive(stack, { url: linkWith(await signer.uri()) });
  await isSignedIn(one, npub);
  const other = await anotherTab(one);
  await isSignedIn(other, npub);
  await signOut(one, npub);
  await other.button("Sign in").waitFor();
  expect(await other.page.getByRole("alert").count()).toBe(0);

  await follow(one, await signer.uri());
  await isSignedIn(one, npub);
  await other.problem("You signed in in another tab");
  await show(other.page, "signed-in-elsewhere");
  await other.press("Sign in here, too");
  await isSignedIn(other, npub);
  expect(await other.page.getByRole("alert").count()).toBe(0);
});

test("an extension that comes late, or not at all, is waited for on a reload", async () => {
  const { secret, npub } = newKey();
  const one = await arrive(stack, { prepare: install(honest(secret)) });
  const dialog = await openSignIn(one);
  await dialog.getByRole("button", { name: "Browser extension" }).click();
  await isSignedIn(one, npub);
  await one.context.addInitScript(() => {
    const { nostr } = window as { nostr?: unknown };
    Reflect.deleteProperty(window, "nostr");
    Object.assign(window, { appear: () => Object.assign(window, { nostr }) });
  });
  const appear = () => one.page.evaluate("appear()");
  await one.page.reload();
  await one.page.getByText("Signing in…").waitFor();
  await appear();
  await isSignedIn(one, npub);

  await one.page.reload();
  const alert = await one.problem("There is no extension");
  expect(await alert.textContent()).toContain("You are not signed in.");
  await one.button("Sign in").waitFor();
  await show(one.page, "no-extension");
  await appear();
  await alert.getByRole("button", { name: "Try again" }).click();
  await isSignedIn(one, npub);
});

test("who signs in by the link of a signer that says nothing reads that it is waited for", async () => {
  const silent = `bunker://${newKey().pubkey}?relay=${encodeURIComponent(`ws://${stack.url.host}/relay`)}`;
  const one = await arrive(stack, { url: linkWith(silent) });
  await one.page.getByText("Signing in…").waitFor();
  await one.page.getByText("Still waiting for your signer").waitFor();
  expect(await one.dialog("Sign in").count()).toBe(0);
});

test("while the server cannot be reached, what the page has signed itself is enough to be kept", async () => {
  const { secret, npub } = newKey();
  const way = await stack.way();
  const one = await arrive(stack, { url: way.url, prepare: install(honest(secret)) });
  await one.page.getByText(/online/).waitFor();
  const dialog = await openSignIn(one);
  await dialog.getByRole("img", { name: "QR code" }).waitFor();
  await way.cut();
  await dialog.getByRole("button", { name: "Browser extension" }).click();
  await isSignedIn(one, npub);
  expect(await kept(one)).toBe('{"by":"extension"}');
});
