/** Camera and microphone are on for as long as somebody wants them to be, and not a moment longer. */
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { holdDevices, liveKinds, liveUnsent, releaseDevices, rememberTracks } from "./live-tracks.ts";
import { meet, type Person } from "./person.ts";
import { show } from "./screenshots.ts";
import { type Stack, startStack } from "./stack.ts";
import { makeUnpluggable, plugIn, unplug } from "./unplugging.ts";
import { visitors } from "./visitors.ts";

const LOW = { width: 568, height: 320 };

const arrive = visitors();
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

const prepare = async (context: BrowserContext) => {
  await context.addInitScript(makeUnpluggable);
  await context.addInitScript(rememberTracks);
};
/** As by the settings of a browser; Chromium's own answer, under test, is for both. */
const refuseMicrophone = () => {
  const devices = navigator.mediaDevices;
  if (!devices) return;
  const getUserMedia = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (wanted = {}) => {
    if (wanted.audio) throw new DOMException("Permission denied", "NotAllowedError");
    return getUserMedia(wanted);
  };
};
const come = () => arrive(stack, { prepare });
const isLive = (page: Page, kinds: string[]) => expect.poll(() => liveKinds(page)).toEqual(kinds);
const chooseText = ({ page }: Person) => page.getByRole("radio", { name: "Text only" }).check();

describe("nothing is live but what is sent", () => {
  test("camera on, off and on while it opens, then off", async () => {
    const [one, other] = [await come(), await arrive(stack)];
    await meet(one, other);
    await one.press("Camera off");
    expect(await liveKinds(one.page)).toEqual(["audio"]);
    await holdDevices(one.page);
    await one.press("Camera on");
    await one.press("Camera off");
    await one.press("Camera on");
    await releaseDevices(one.page);
    await isLive(one.page, ["audio", "video"]);
    await expect.poll(() => liveUnsent(one.page)).toEqual([]);
    await other.sees();
    await one.press("Camera off");
    expect(await liveKinds(one.page)).toEqual(["audio"]);
    await other.page.getByText("Their camera is off").waitFor();
  });

  test("other devices, mute and camera in any order, and what they have come to is sent", async () => {
    const [one, other] = [await come(), await arrive(stack)];
    await meet(one, other);
    const choose = async (device: "Camera" | "Microphone", index: number) => {
      await one.press("Devices");
      await one.dialog("Devices").getByRole("combobox", { name: device }).selectOption({ index });
      await one.page.keyboard.press("Escape");
      await one.dialog("Devices").waitFor({ state: "detached" });
    };
    for (const microphone of [2, 1]) {
      await holdDevices(one.page);
      await choose("Microphone", microphone);
      for (const key of "vmvvmvm") await one.page.keyboard.press(key);
      await choose("Microphone", 0);
      await releaseDevices(one.page);
      await isLive(one.page, ["audio", "video"]);
      await expect.poll(() => liveUnsent(one.page)).toEqual([]);
    }
    await other.sees();
    await one.press("Stop");
    await one.press("Turn off camera");
    await one.press("Turn off microphone");
    expect(await liveKinds(one.page)).toEqual([]);
  });

  test("camera on, then Stop and Text only, while it opens", async () => {
    const one = await come();
    await one.start();
    await one.reads("Searching");
    await one.press("Camera off");
    await holdDevices(one.page);
    await one.press("Camera on");
    await one.press("Stop");
    await chooseText(one);
    expect(await liveKinds(one.page)).toEqual([]);
    await releaseDevices(one.page);
    expect(await liveKinds(one.page)).toEqual([]);
  });

  test("Start, then Text only while the browser asks: nobody is taken in, and the next Start asks anew", async () => {
    const one = await come();
    await holdDevices(one.page);
    await one.start();
    await one.reads("Your browser asks");
    await chooseText(one);
    await one.reads("Not searching");
    await releaseDevices(one.page);
    expect(await liveKinds(one.page)).toEqual([]);
    await one.page.getByRole("radio", { name: "Video" }).check();
    await one.start();
    await one.reads("Searching");
    expect(await liveKinds(one.page)).toEqual(["audio", "video"]);
  });
});

test("on the start each is turned off by its own name, and stays off in the room", async () => {
  const one = await come();
  await one.press("Turn on camera");
  await one.press("Turn off camera");
  expect(await liveKinds(one.page)).toEqual(["audio"]);
  await show(one.page, "start-with-microphone");
  await one.press("Turn off microphone");
  expect(await liveKinds(one.page)).toEqual([]);
  await one.start();
  await one.reads("Searching");
  await one.button("Camera on").waitFor();
  expect(await liveKinds(one.page)).toEqual([]);
  await one.press("Unmute");
  await isLive(one.page, ["audio"]);
  await one.press("Stop");
  await one.press("Turn off microphone");
  await one.press("Turn on camera");
  await one.button("Turn on microphone").waitFor();
  expect(await liveKinds(one.page)).toEqual(["video"]);
});

test("from Start to the search the status goes forward only", async () => {
  const one = await come();
  await one.reads("Not searching");
  await one.page.evaluate(() => {
    const status = document.querySelector("#status");
    const said: string[] = [];
    Object.assign(window, { said });
    if (!status) return;
    new MutationObserver(() => said.push(status.firstChild?.textContent ?? "")).observe(status, {
      subtree: true,
      childList: true,
      characterData: true,
    });
  });
  await one.start();
  await one.reads("Searching");
  const said = await one.page.evaluate(() => (window as unknown as { said: string[] }).said);
  expect(said[0]).toMatch(/^Your browser asks/);
  expect(said).not.toContain("Not searching");
});

test("only the microphone is not allowed: that is told, and the camera is used", async () => {
  const one = await arrive(stack, {
    prepare: async (context) => {
      await context.grantPermissions(["camera"]);
      await context.addInitScript(refuseMicrophone);
      await prepare(context);
    },
  });
  await one.start();
  const problem = await one.problem("The microphone is not allowed");
  await problem.getByText("the stranger sees and reads you, but does not hear you").waitFor();
  expect(await liveKinds(one.page)).toEqual(["video"]);
  await problem.getByRole("button", { name: "Go on without" }).click();
  await one.reads("Searching");
  await one.press("Unmute");
  await one.problem("The microphone is not allowed");
});

test("both are unplugged: both are told, and are there again after one press", async () => {
  const [one, other] = [await come(), await arrive(stack)];
  await meet(one, other);
  await unplug(one.page, "camera");
  await unplug(one.page, "microphone");
  const problem = await one.problem("Your camera and microphone are gone");
  await show(one.page, "both-unplugged");
  await plugIn(one.page, "camera");
  await plugIn(one.page, "microphone");
  await problem.getByRole("button", { name: "Try again" }).click();
  await problem.waitFor({ state: "detached" });
  await isLive(one.page, ["audio", "video"]);
  await other.sees();
});

test("on a low screen every way out of a refusal is in sight", async () => {
  const one = await arrive(stack, { devices: "refused", options: { viewport: LOW } });
  await one.start();
  const problem = await one.problem("Camera and microphone are not allowed");
  const hidden = () =>
    problem.getByRole("button").evaluateAll((buttons) =>
      buttons
        .filter((button) => {
          const { left, top, right, bottom } = button.getBoundingClientRect();
          const [x, y] = [(left + right) / 2, (top + bottom) / 2];
          const edges = [
            [left + 2, y],
            [right - 2, y],
            [x, top + 2],
            [x, bottom - 2],
          ] as const;
          return !edges.every((edge) => button.contains(document.elementFromPoint(...edge)));
        })
        .map(({ textContent }) => textContent),
    );
  expect(await problem.getByRole("button").count()).toBe(3);
  expect(await hidden()).toEqual([]);
});
