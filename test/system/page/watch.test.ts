/** That the watch and the audit which every other test here relies on do see something. */

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { audit } from "./audit.ts";
import { launchChromium } from "./chromium.ts";
import { rememberConnections } from "./connections.ts";
import { watch } from "./watch.ts";

const BAD_PAGE = `<!doctype html><html><head><title>Bad</title></head>
  <body style="color: red"><img src="http://127.0.0.1:1/picture.png">
  <script type="module" src="bad.js"></script></body></html>`;
const BAD_SCRIPT = `
  new WebSocket("ws://127.0.0.1:1/socket");
  new RTCPeerConnection({ iceServers: [{ urls: "stun:127.0.0.1:2" }] });
  Promise.reject(new Error("nobody waits for this"));`;
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src *; connect-src *";

let server: Server;
let browser: Browser;
beforeAll(async () => {
  server = createServer(({ url }, response) => {
    response.setHeader("content-security-policy", POLICY);
    response.setHeader("content-type", url === "/bad.js" ? "text/javascript" : "text/html");
    response.end(url === "/bad.js" ? BAD_SCRIPT : BAD_PAGE);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  browser = await launchChromium("none");
});
afterAll(async () => {
  await browser.close();
  server.close();
});

test("what a page must not do is seen, and so is what is not accessible", async () => {
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const context = await browser.newContext();
  const watched = watch(context, new Set([host]));
  await context.addInitScript(rememberConnections);
  const page = await context.newPage();
  const thrown = page.waitForEvent("pageerror");
  await page.goto(`http://${host}/`);
  await thrown;
  watched.allow("127.0.0.1:2");
  const troubles = (await watched.troubles()).join("\n");
  expect(troubles).toMatch(/inline style/);
  expect(troubles).toContain("nobody waits for this");
  expect(troubles.match(/^asked .*/gm)).toEqual(["asked 127.0.0.1:1"]);
  expect((await audit(page)).join("\n")).toMatch(/^image-alt:/m);
  await context.close();
});
