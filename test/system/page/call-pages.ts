/** Pages in which nothing is but the calls that a test makes of web/client; each test has pages of its own. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, expect } from "vitest";
import { launchChromium } from "./chromium.ts";

export type Name = "polite" | "impolite";
export const BOTH: Name[] = ["polite", "impolite"];

/** To be called where tests are declared. */
export function callPages() {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let address: string;
  const faults: string[] = [];

  beforeAll(async () => {
    const server = await serve(await bundle("./call-in-page.ts"));
    address = addressOf(server);
    browser = await launchChromium();
    return async () => {
      await browser.close();
      server.close();
    };
  });
  beforeEach(async () => {
    context = await browser.newContext();
    await context.grantPermissions(["camera", "microphone"]);
    page = await open();
  });
  afterEach(async () => {
    await context.close();
    expect(faults.splice(0)).toEqual([]);
  });

  /** Another page, which reaches the first. */
  async function open(): Promise<Page> {
    const opened = await context.newPage();
    opened.on("pageerror", (error) => faults.push(error.message));
    await opened.goto(address);
    await opened.waitForFunction(() => "inPage" in globalThis);
    return opened;
  }
  /** Frames of the other side. */
  const sees = (name: Name, on = page) => on.evaluate((name) => globalThis[name].sees(10), name);
  const connects = (name: Name, on = page) =>
    on.waitForFunction((name) => globalThis[name].call.link === "connected", name);

  return {
    get page() {
      return page;
    },
    open,
    sees,
    connects,
    bothSee: () => Promise.all(BOTH.map((name) => sees(name))),
    bothConnect: () => Promise.all(BOTH.map((name) => connects(name))),
    /** A moment after the two are connected. */
    channelOpens: () => page.waitForFunction(() => inPage.channels.at(-1)?.readyState === "open"),
    hears: (name: Name, text: string) =>
      page.waitForFunction(({ name, text }) => globalThis[name].heard.some((line) => line.text === text), {
        name,
        text,
      }),
    /** But for signals. */
    saidTypes: (name: Name) => page.evaluate((name) => globalThis[name].saidTypes(), name),
    descriptions: (name: Name) => page.evaluate((name) => globalThis[name].saidDescriptions, name),
    /** Both sides in one page, each with a camera. */
    meet: () =>
      page.evaluate(async () => {
        globalThis.polite = new inPage.Side("polite");
        globalThis.impolite = new inPage.Side("impolite");
        polite.call.send(await inPage.stream());
        impolite.call.send(await inPage.stream());
      }),
    /** Both have come to talk. */
    meetForWords: () =>
      page.evaluate(() => {
        globalThis.polite = new inPage.Side("polite", { mode: "text" });
        globalThis.impolite = new inPage.Side("impolite", { mode: "text" });
      }),
  };
}

async function serve(script: string): Promise<Server> {
  const server = createServer(({ url }, response) => {
    if (url === "/call.js") response.setHeader("content-type", "text/javascript").end(script);
    else
      response.setHeader("content-type", "text/html").end('<script type="module" src="/call.js"></script>');
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function addressOf(server: Server): string {
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("the server does not listen");
  return `http://127.0.0.1:${address.port}/`;
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  const [file] = outputFiles;
  if (!file) throw new Error("nothing was built");
  return file.text;
}
