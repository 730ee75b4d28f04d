/** The example of the README, as a page of somebody else's. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stack, startStack } from "./stack.ts";
import { visitors } from "./visitors.ts";

const HEADING = "## A page of your own";
const README = new URL("../../../README.md", import.meta.url);

const arrive = visitors();
let stack: Stack;
let server: Server;
beforeAll(async () => {
  stack = await startStack();
  server = createServer((_, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    void pageWithExample().then(
      (page) => response.end(page),
      () => response.writeHead(500).end(),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(async () => {
  server.close();
  await stack.close();
});

/** The first block of JavaScript under the heading. */
async function example(): Promise<string> {
  const text = await readFile(README, "utf8");
  const [, section] = text.split(`\n${HEADING}\n`);
  if (section === undefined) throw new Error(`README.md has no heading "${HEADING}"`);
  const [, block] = /^```js\n(.*?)^```$/ms.exec(section.split("\n## ")[0] ?? "") ?? [];
  if (block === undefined) throw new Error(`README.md has no block of js under "${HEADING}"`);
  return block;
}

/** The address of an edge in it is ours. */
async function pageWithExample(): Promise<string> {
  const script = (await example()).replaceAll(/https:\/\/[\w.-]+/g, stack.url.origin);
  return `<!doctype html><html lang="en"><title>A page of my own</title><body><script type="module">${script}</script>`;
}

test("the example has about ten lines", async () => {
  const lines = (await example()).split("\n").filter((line) => line.trim() !== "");
  expect(lines.length).toBeLessThanOrEqual(12);
});

test("two pages of another origin reach a call by it, and see each other", async () => {
  await example();
  const { port } = server.address() as AddressInfo;
  const url = new URL(`http://127.0.0.1:${port}/`);
  const [one, other] = [await arrive(stack, { url }), await arrive(stack, { url })];
  for (const { watch } of [one, other]) watch.allow(url.host);
  await Promise.all([one.sees(), other.sees()]);
});
