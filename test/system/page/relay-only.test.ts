/** Who hides their address is reached through the relay, and through nothing else. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Coturn, startCoturn } from "../coturn.ts";
import { meet } from "./person.ts";
import { show } from "./screenshots.ts";
import { type Stack, startStack } from "./stack.ts";
import { visitors } from "./visitors.ts";

const SECRET = "north wind";

const arrive = visitors();
let coturn: Coturn;
let stack: Stack;
beforeAll(async () => {
  coturn = await startCoturn({ secret: SECRET });
  stack = await startStack({ TURN_SERVER_URL: coturn.url, TURN_SERVER_SECRET: SECRET });
});
afterAll(async () => {
  await stack.close();
  await coturn.stop();
});

test("a call of somebody who hides their address goes through the TURN server", async () => {
  const [one, other] = [await arrive(stack), await arrive(stack)];
  for (const { watch } of [one, other]) watch.allow(turnHost());
  await one.page.getByRole("checkbox", { name: "Hide my address" }).waitFor();
  await show(one.page, "start-with-relay");
  await Promise.all([one.start({ hidesAddress: true }), other.start()]);
  await Promise.all([one.reads("Connected"), other.reads("Connected")]);
  await Promise.all([one.sees(), other.sees()]);
  expect(await one.figures()).toMatchObject({ local: "relay" });
  expect(await addressesGiven(one.page)).toEqual(["relay"]);
  expect(await other.figures()).toMatchObject({ remote: "relay" });
  await one.say("Through the relay");
  await other.hears("Through the relay");
});

test("so does one between two who both do", async () => {
  const [one, other] = [await arrive(stack), await arrive(stack)];
  for (const { watch } of [one, other]) watch.allow(turnHost());
  await meet(one, other, { hidesAddress: true });
  for (const person of [one, other]) {
    expect(await person.figures()).toMatchObject({ local: "relay", remote: "relay" });
    expect(await addressesGiven(person.page)).toEqual(["relay"]);
  }
});

test("where there is no TURN server it is not offered", async () => {
  const without = await startStack();
  const person = await arrive(without);
  await person.button("Start").waitFor();
  await person.page.getByText(/\d+ online/).waitFor();
  expect(await person.page.getByRole("checkbox", { name: "Hide my address" }).count()).toBe(0);
  await without.close();
});

const turnHost = () => coturn.url.replace(/^turn:/, "").replace(/\?.*/, "");

/** The kinds of candidates that the other side was told of. */
const addressesGiven = (page: Parameters<typeof show>[0]): Promise<string[]> =>
  page.evaluate(() => {
    const sdp = window.connections.at(-1)?.localDescription?.sdp ?? "";
    return [...new Set([...sdp.matchAll(/^a=candidate:.* typ (\w+)/gm)].map(([, type]) => type ?? ""))];
  });
