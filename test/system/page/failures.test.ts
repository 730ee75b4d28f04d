/** What can be in somebody's way: each has its own words, and a way out that works. */
import type { BrowserContext } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CloseCode } from "../../../protocol/close-codes.ts";
import { ask } from "../../edge/operator.ts";
import { meet } from "./person.ts";
import { show } from "./screenshots.ts";
import { type Stack, startStack } from "./stack.ts";
import { makeUnpluggable, plugIn, unplug } from "./unplugging.ts";
import { visitors } from "./visitors.ts";

const arrive = visitors();
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

describe("camera and microphone", () => {
  test("refused: text will do, and is one press away", async () => {
    const [one, other] = [await arrive(stack, { devices: "refused" }), await arrive(stack)];
    await one.start();
    const problem = await one.problem("Camera and microphone are not allowed");
    await problem.getByRole("button", { name: "Try again" }).waitFor();
    await show(one.page, "camera-refused");
    await problem.getByRole("button", { name: "Use text only" }).click();
    await one.reads("Searching");
    await other.start({ isTextOnly: true });
    await Promise.all([one.reads("Connected"), other.reads("Connected")]);
    await one.say("Only words");
    await other.hears("Only words");
  });

  test("none: one goes on without, and sees the other", async () => {
    const [one, other] = [await arrive(stack, { devices: "none" }), await arrive(stack)];
    await one.start();
    const problem = await one.problem("No camera and no microphone were found");
    await show(one.page, "no-camera");
    await problem.getByRole("button", { name: "Go on without" }).click();
    await other.start();
    await Promise.all([one.reads("Connected"), other.reads("Connected")]);
    await one.sees();
    await one.say("I have no camera");
    await other.hears("I have no camera");
  });

  test("unplugged in a call: it goes on without, and with it again once it is back", async () => {
    const prepare = (context: BrowserContext) => context.addInitScript(makeUnpluggable);
    const [one, other] = [await arrive(stack, { prepare }), await arrive(stack)];
    await meet(one, other);
    await unplug(one.page, "camera");
    const problem = await one.problem("Your camera is gone");
    await show(one.page, "unplugged");
    await one.reads("Connected");
    await one.sees();
    await plugIn(one.page, "camera");
    await problem.getByRole("button", { name: "Try again" }).click();
    await problem.waitFor({ state: "detached" });
    await other.sees();
  });
});

describe("the way to the server", () => {
  test("offline: it goes on by itself as soon as there is a connection", async () => {
    const way = await stack.way();
    const person = await arrive(stack, { url: way.url });
    await person.button("Start").waitFor();
    await way.cut();
    await person.context.setOffline(true);
    await person.start();
    await person.reads("You are offline");
    await person.problem("You are offline");
    await show(person.page, "offline");
    await way.mend();
    await person.context.setOffline(false);
    await person.reads("Searching");
    expect(await person.page.getByRole("alert").count()).toBe(0);
  });

  test("offline in a call: it says so, and is what it was once it is online", async () => {
    const way = await stack.way();
    const [one, other] = [await arrive(stack, { url: way.url }), await arrive(stack)];
    await meet(one, other);
    await way.cut();
    await one.context.setOffline(true);
    await one.reads("You are offline; the call goes on as long as it can");
    await way.mend();
    await one.context.setOffline(false);
    await one.reads("Connected");
    await Promise.all([one.sees(), other.sees()]);
  });

  test("unreachable: after a minute it says so, and offers to try again", async () => {
    const way = await stack.way();
    const person = await arrive(stack, { url: way.url, prepare: (context) => context.clock.install() });
    await person.button("Start").waitFor();
    await way.cut();
    await person.start({ isTextOnly: true });
    await person.reads("Connecting to the server");
    const problem = person.page.getByRole("alert").filter({ hasText: "The server does not answer" });
    await expect
      .poll(async () => {
        await person.page.clock.fastForward(11_000);
        return problem.count();
      })
      .toBe(1);
    await show(person.page, "unreachable");
    await way.mend();
    await problem.getByRole("button", { name: "Try again" }).click();
    await person.reads("Searching");
  });
});

describe("a server that turns somebody away", () => {
  test("banned while searching: the words say so, and the way leads back to the start", async () => {
    const strict = await startStack();
    const person = await arrive(strict);
    await person.start({ isTextOnly: true });
    await person.reads("Searching");
    const banned = await ask(strict.edge, "admin/bans", {
      method: "POST",
      body: { address: "127.0.0.1", seconds: 3_600 },
    });
    const { ban } = (await banned.json()) as { ban: { name: string } };
    const problem = await person.problem("You are banned here");
    await show(person.page, "banned");
    await problem.getByRole("button", { name: "Back to the start" }).click();
    await person.button("Start").waitFor();
    // Coming in anew meets the same words.
    await person.page.reload();
    await person.start();
    await person.problem("You are banned here");
    await ask(strict.edge, `admin/bans/${ban.name}`, { method: "DELETE" });
    await strict.close();
  });

  test("rate-limited: it says so, and goes on by itself", async () => {
    const strict = await startStack({ RATE_LIMIT_MAX_REQUESTS: "20", RATE_LIMIT_WINDOW_MS: "8000" });
    const person = await arrive(strict);
    await person.button("Start").waitFor();
    while ((await fetch(new URL("presence", strict.url))).status !== 429);
    await person.start({ isTextOnly: true });
    await person.problem("Too fast");
    await show(person.page, "rate-limited");
    await person.reads("Searching");
    expect(await person.page.getByRole("alert").count()).toBe(0);
    await strict.close();
  });

  test("too many tabs: once another is closed, it goes on", async () => {
    const strict = await startStack({ MAX_CONNECTIONS_PER_ADDRESS: "1" });
    const [one, other] = [await arrive(strict), await arrive(strict)];
    await one.start({ isTextOnly: true });
    await one.reads("Searching");
    await other.start({ isTextOnly: true });
    const problem = await other.problem("Too many tabs");
    await show(other.page, "too-many-tabs");
    await one.page.close();
    await expect
      .poll(async () => {
        if ((await problem.count()) > 0) await problem.getByRole("button", { name: "Try again" }).click();
        return other.page.locator("#status").textContent();
      })
      .toMatch(/^Searching/);
    await strict.close();
  });

  test.each([
    [CloseCode.replaced, "Your visit goes on elsewhere", "Search here"],
    [CloseCode.unsupportedVersion, "This page is out of date", "Reload"],
    [CloseCode.badMessages, "The server has hung up", "Reload"],
  ])("close code %i: %s", async (code, title, way) => {
    const person = await arrive(stack, {
      prepare: (context) => context.routeWebSocket(/\/ws\?/, (socket) => socket.close({ code })),
    });
    await person.start({ isTextOnly: true });
    const problem = await person.problem(title);
    await problem.getByRole("button", { name: way }).waitFor();
    await show(person.page, `closed-${code}`);
  });
});
