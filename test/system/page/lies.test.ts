/** Whoever only says who they are is nobody. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { search, withdrawAll } from "../../edge/client.ts";
import { newKey } from "../../support/bunker.ts";
import { install, withForgedAuthor, withOtherKey } from "./extension.ts";
import { meet, type Person } from "./person.ts";
import { kept, openSignIn } from "./signing-in.ts";
import { type Stack, startStack } from "./stack.ts";
import { visitors } from "./visitors.ts";

const arrive = visitors();
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(async () => {
  await withdrawAll();
  await stack.close();
});

const claimed = newKey();
const own = newKey();

/** Whom the page takes the other side to be: nobody, and none of the claims is anywhere in it. */
async function expectAnonymous({ page }: Person): Promise<void> {
  await page.getByLabel("Stranger", { exact: true }).and(page.locator("video")).waitFor();
  expect(await page.locator("body").innerHTML()).not.toMatch(
    new RegExp(`${claimed.npub.slice(0, 9)}|${claimed.pubkey}`),
  );
}

describe.each([
  ["signs with another key", withOtherKey(own.secret, claimed.pubkey)],
  ["signs with another key, and writes the name over it", withForgedAuthor(own.secret, claimed.pubkey)],
])("an extension that %s", (_, lie) => {
  test("signs nobody in, which the page says, and of whom it keeps and shows nothing", async () => {
    const [liar, other] = [await arrive(stack, { prepare: install(lie) }), await arrive(stack)];
    const dialog = await openSignIn(liar);
    await dialog.getByRole("button", { name: "Browser extension" }).click();
    const alert = await liar.problem("Your signer");
    expect(await alert.textContent()).toContain("You are not signed in.");
    await liar.button("Sign in").waitFor();
    expect(await liar.page.locator("body").innerHTML()).not.toContain(claimed.npub.slice(0, 9));
    expect(await kept(liar)).toBeNull();
    await meet(liar, other);
    await expectAnonymous(other);
  });
});

test("a page that lies in every way it has is shown as anonymous", async () => {
  const prepare = install(withForgedAuthor(own.secret, claimed.pubkey));
  const [liar, other] = [await arrive(stack, { prepare }), await arrive(stack)];
  await meet(liar, other);
  // Past the page's own checks: what its client is told to prove, the server is told.
  expect(
    await liar.page.evaluate(`(async () => {
      const { connect } = await import("/client.js");
      const visit = connect(location.href);
      const answer = await visit.authenticate((draft) => nostr.signEvent(draft)).then(String, String);
      visit.close();
      return answer;
    })()`),
  ).toContain("auth-failed");
  await liar.page.evaluate(
    (claims) => {
      for (const claim of claims) window.channels.at(-1)?.send(JSON.stringify(claim));
    },
    [
      { npub: claimed.npub },
      { type: "peer", npub: claimed.npub },
      { type: "matched", peer: { npub: claimed.npub, met: true } },
      { type: "chat", id: "1", text: "Believe me", npub: claimed.npub, name: claimed.npub },
      { type: "media", audio: true, video: true, npub: claimed.npub },
      { type: "chat", id: "2", text: "Or me" },
    ],
  );
  await other.hears("Or me");
  await expectAnonymous(other);
});

test("one who says another's name with each word is shown as anonymous", async () => {
  const other = await arrive(stack);
  await other.start();
  await other.reads("Searching");
  const liar = await search(stack.edge);
  const { matchId } = await liar.expect("matched");
  liar.socket.send(
    JSON.stringify({ type: "chat", matchId, id: "1", text: "Believe me", name: claimed.npub }),
  );
  await other.hears("Believe me");
  await expectAnonymous(other);
});
