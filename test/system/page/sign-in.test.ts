/** Proving who one is: the three ways, what the other side sees of it, and how it ends. */
import { finalizeEvent, generateSecretKey } from "nostr-tools/pure";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newKey } from "../../support/bunker.ts";
import { honest, install } from "./extension.ts";
import { meet, type Person, talk } from "./person.ts";
import { show } from "./screenshots.ts";
import { type Signer, startSigner } from "./signer.ts";
import { isSignedIn, openSignIn, shortened, signOut } from "./signing-in.ts";
import { type Stack, startStack } from "./stack.ts";
import { visitors } from "./visitors.ts";

const PICTURE_HOST = "pictures.example";
const PICTURE = Buffer.from("R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=", "base64");

const arrive = visitors();
let stack: Stack;
let signer: Signer;
beforeAll(async () => {
  stack = await startStack();
  signer = await startSigner(stack);
  // What somebody else would like this one to be called.
  const forged = {
    kind: 0,
    created_at: Math.floor(Date.now() / 1_000),
    tags: [],
    content: '{"name":"Forged"}',
  };
  stack.names.store({ ...finalizeEvent(forged, generateSecretKey()), pubkey: signer.key.pubkey });
});
afterAll(async () => {
  await signer.close();
  await stack.close();
});

const sees = (person: Person, name: string | RegExp) =>
  person.page.getByLabel(name).and(person.page.locator("video")).waitFor();

test("by a bunker URI: the other side sees who it is, a reload changes nothing, signing out is told to the signer", async () => {
  const { npub } = signer.key;
  const [one, other] = [await arrive(stack), await arrive(stack)];
  const dialog = await openSignIn(one);
  await dialog.getByRole("img", { name: "QR code" }).waitFor();
  await show(one.page, "sign-in");
  await dialog.getByRole("textbox", { name: "Bunker URI" }).fill(await signer.uri());
  await dialog.getByRole("button", { name: "Connect", exact: true }).click();
  await isSignedIn(one, npub);
  await show(one.page, "signed-in");
  await meet(one, other);
  await sees(other, shortened(npub));
  await sees(one, "Stranger");
  await show(other.page, "call-with-somebody-known");
  expect(await other.page.getByText("Forged").count()).toBe(0);

  await one.page.reload();
  await isSignedIn(one, npub);
  await one.start();
  await talk(one, other);
  await sees(other, shortened(npub));

  const before = await signer.loggedOut();
  await one.press("Stop");
  await signOut(one, npub);
  await expect.poll(signer.loggedOut).toBe(before + 1);
  await one.page.reload();
  await one.button("Sign in").waitFor();
  await one.start();
  await talk(one, other);
  await sees(other, "Stranger");
});

test("by a nostrconnect URI that the page shows, and an operator answers", async () => {
  const { npub } = signer.key;
  const [one, other] = [await arrive(stack), await arrive(stack)];
  const dialog = await openSignIn(one);
  await dialog.getByRole("img", { name: "QR code" }).waitFor();
  const uri = await dialog.getByRole("link", { name: "Open in a signer" }).getAttribute("href");
  expect(await signer.connect(uri ?? "")).toMatchObject({ code: 0 });
  await isSignedIn(one, npub);
  await meet(one, other);
  await sees(other, shortened(npub));
});

test("by an extension; a name and a picture are shown beside the key", async () => {
  const key = newKey();
  stack.names.store(
    finalizeEvent(
      {
        kind: 0,
        created_at: Math.floor(Date.now() / 1_000),
        tags: [],
        content: JSON.stringify({ name: "North\u202e Wind", picture: `https://${PICTURE_HOST}/north.gif` }),
      },
      key.secret,
    ),
  );
  const [one, other] = [await arrive(stack, { prepare: install(honest(key.secret)) }), await arrive(stack)];
  await other.context.route(`https://${PICTURE_HOST}/**`, (route) =>
    route.fulfill({ contentType: "image/gif", body: PICTURE }),
  );
  const dialog = await openSignIn(one);
  await dialog.getByRole("button", { name: "Browser extension" }).click();
  await one.page.getByRole("button", { name: "North Wind" }).waitFor();
  await meet(one, other);

  await sees(other, "North Wind");
  await other.page.getByText(shortened(key.npub)).waitFor();
  // Until it is asked for, that host is told nothing.
  expect(await other.watch.troubles()).toEqual([]);
  await other.press(`Show picture (from ${PICTURE_HOST})`);
  await other.page.locator(`img[src^="https://${PICTURE_HOST}/"]`).waitFor();
  other.watch.allow(PICTURE_HOST);
  await show(other.page, "call-with-picture");
});

test("the link of one's own machine signs in at once, also in a call, and leaves nothing in the address", async () => {
  const [one, other] = [await arrive(stack), await arrive(stack)];
  await meet(one, other);
  await sees(other, "Stranger");
  const uri = await signer.uri();
  await one.page.evaluate((uri) => {
    location.hash = `bunker=${encodeURIComponent(uri)}`;
  }, uri);
  await sees(other, shortened(signer.key.npub));
  await one.reads("Connected");
  expect(new URL(one.page.url()).hash).toBe("");

  const link = new URL(stack.url);
  link.hash = `bunker=${encodeURIComponent(await signer.uri())}`;
  const third = await arrive(stack, { url: link });
  await isSignedIn(third, signer.key.npub);
  expect(new URL(third.page.url()).hash).toBe("");
});
