/** Pages in which nothing is but the calls that a test makes of web/client. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "./chromium.ts";

export type CallPages = {
  /** Pages of one visit reach each other; `faults` gains what any of them throws. */
  visit(): Promise<{ open(): Promise<Page>; faults: string[]; close(): Promise<void> }>;
  close(): Promise<void>;
};

export async function startCallPages(): Promise<CallPages> {
  const script = await bundle("./call-in-page.ts");
  const server = createServer(({ url }, response) => {
    if (url === "/call.js") response.setHeader("content-type", "text/javascript").end(script);
    else response.setHeader("content-type", "text/html").end('<script type="module" src="/call.js"></script>');
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const browser: Browser = await launchChromium();
  return {
    async visit() {
      const context = await browser.newContext();
      await context.grantPermissions(["camera", "microphone"]);
      const faults: string[] = [];
      return {
        faults,
        async open() {
          const page = await context.newPage();
          page.on("pageerror", (error) => faults.push(error.message));
          await page.goto(`http://127.0.0.1:${port}/`);
          await page.waitForFunction(() => "inPage" in globalThis);
          return page;
        },
        close: () => context.close(),
      };
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
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
