/** What browsers load, as it is built, and as the edge serves it. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BuiltPage, buildPage } from "../../web/build.mjs";
import { type Edge, startEdge } from "../support/edge.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

let folder: string;
let page: string;
let built: BuiltPage;
/** All that is there, by the names it is asked for. */
let files: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "page-"));
  page = join(folder, "page");
  built = await buildPage(page);
  files = (await readdir(page, { recursive: true })).filter((name) => name !== "chunks");
});
afterAll(() => rm(folder, { recursive: true }));

/** All paths that a file of the page names: markup, style sheets, imports of scripts. */
const NAMED =
  /(?:src|href)="(\/[^"]+)"|url\("?(\/?[\w./-]+)"?\)|(?:from|import)\s*\(?"(\.[^"]+)"|sourceMappingURL=(\S+)/g;

test("every file that a file names is there", async () => {
  const named = await Promise.all(
    files
      .filter((name) => /\.(html|css|js)$/.test(name))
      .map(async (name) =>
        [...(await readFile(join(page, name), "utf8")).matchAll(NAMED)].map(([, ...found]) =>
          new URL(found.find(Boolean) ?? "", `http://page/${name}`).pathname.slice(1),
        ),
      ),
  );
  expect(new Set(named.flat())).toEqual(new Set(named.flat().filter((name) => files.includes(name))));
  expect(named.flat()).toEqual(expect.arrayContaining(["app.js", "style.css", "app.js.map"]));
});

test("nobody loads the cryptography of signing in before it is asked for", () => {
  expect(built.start).toContain("app.js");
  expect(built.modules).toContain("page/main.tsx");
  expect(built.modules.filter((module) => /nostr-tools|@noble|@scure|qrcode/.test(module))).toEqual([]);
});

describe("a page", () => {
  let web: string;
  /** A page of so many bytes that no compression makes fewer of, asked for at once or later. */
  const make = async (bytes: number, load: string): Promise<BuiltPage> => {
    web = await mkdtemp(join(folder, "web-"));
    await mkdir(join(web, "client"));
    await cp(join(PROJECT, "web/page/_headers"), join(web, "page/_headers"));
    const files = {
      "page/main.tsx": load,
      "page/much.ts": `export const much = "${randomBytes(bytes).toString("base64")}";`,
      "page/style.css": "",
      "page/index.html": "",
      "client/main.ts": "",
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(web, name), text);
    return buildPage(join(web, "out"), web);
  };
  const AT_ONCE = 'import { much } from "./much.ts"; console.log(much);';
  const LATER = 'import("./much.ts").then(console.log);';

  test("may start with 120 kB, compressed", async () => {
    const { start, files } = await make(118_000, AT_ONCE);
    expect(start).toEqual(["app.js"]);
    expect(files.find(({ name }) => name === "app.js")?.gzip).toBeGreaterThan(118_000);
  });

  test("may not start with more: it does not build, and nothing is written", async () => {
    await expect(make(122_000, AT_ONCE)).rejects.toThrow(
      /^app\.js: 12\d\.\d kB by gzip, of at most 120\.0 kB$/,
    );
    await expect(stat(join(web, "out"))).rejects.toThrow("ENOENT");
  });

  test("does not count what is loaded later", async () => {
    const { start } = await make(122_000, LATER);
    expect(start).not.toContainEqual(expect.stringContaining("much"));
  });

  test("is built over what was there: that goes, but what has not changed, and nothing is left beside it", async () => {
    await make(1_000, AT_ONCE);
    const out = join(web, "out");
    const before = await stat(join(out, "app.js"));
    await mkdir(join(out, "chunks"), { recursive: true });
    await writeFile(join(out, "chunks/old.js"), "");
    await buildPage(out, web);
    expect(await readdir(join(out, "chunks"))).toEqual([]);
    expect((await stat(join(out, "app.js"))).ino).toBe(before.ino);
    expect((await readdir(web)).sort()).toEqual(["client", "out", "page"]);
  });
});

describe("the client", () => {
  test("is one module that any page, and plain Node, may import", async () => {
    const client = await import(pathToFileURL(join(page, "client.js")).href);
    expect(client.connect).toBeTypeOf("function");
    expect(await readFile(join(page, "client.js"), "utf8")).not.toMatch(/\bfrom\s*"|\bimport\s*\(/);
  });

  test("has types", async () => {
    const types = join(folder, "types");
    const tsc = join(PROJECT, "node_modules/.bin/tsc");
    execFileSync(tsc, ["-p", join(PROJECT, "web/client"), "--outDir", types]);
    const { exports } = JSON.parse(await readFile(join(PROJECT, "package.json"), "utf8"));
    const main = exports["./client"].types.replace("./dist/client/", "");
    expect(await readFile(join(types, main), "utf8")).toContain("connect");
  });
});

describe("served by the edge", () => {
  let edge: Edge;
  beforeAll(async () => {
    edge = await startEdge();
  });
  afterAll(() => edge.close());

  test("all of it, each as what it is", async () => {
    for (const name of files.filter((name) => /\.(js|css)$/.test(name))) {
      const response = await fetch(new URL(name, edge.url));
      expect([name, response.status]).toEqual([name, 200]);
      expect(response.headers.get("content-type")).toMatch(
        name.endsWith("css") ? "text/css" : "text/javascript",
      );
    }
  });

  test.each(["", "index.html", "app.js", "style.css"])(
    "/%s: with headers as strict as the rest",
    async (path) => {
      const { headers } = await fetch(new URL(path, edge.url), { redirect: "manual" });
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("permissions-policy")).toContain("camera=(self), microphone=(self)");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
    },
  );

  test("the page loads scripts from nowhere else, and reaches nobody but its server and relays", async () => {
    const { headers } = await fetch(edge.url);
    // 'self' covers the sockets of its own server (Content Security Policy Level 3, section 6.7.2.8).
    expect(headers.get("content-security-policy")?.split("; ").sort()).toEqual([
      "base-uri 'none'",
      "connect-src 'self' wss: ws://127.0.0.1:* ws://localhost:*",
      "default-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "img-src 'self' data: https:",
      "manifest-src 'self'",
      "media-src 'self' blob:",
      "script-src 'self'",
      "style-src 'self'",
    ]);
  });

  test("the client may be imported from anywhere, the page's own files may not", async () => {
    const who = async (path: string) => {
      const { headers } = await fetch(new URL(path, edge.url));
      return [headers.get("cross-origin-resource-policy"), headers.get("access-control-allow-origin")];
    };
    expect(await who("client.js")).toEqual(["cross-origin", "*"]);
    expect(await who("app.js")).toEqual(["same-origin", null]);
    expect(await who("")).toEqual(["same-origin", null]);
  });

  test("what is named by its content is kept by a browser, the rest is asked for anew", async () => {
    const cached = async (path: string) =>
      (await fetch(new URL(path, edge.url))).headers.get("cache-control");
    expect(await cached("app.js")).toBe("public, max-age=0, must-revalidate");
    for (const name of files.filter((name) => name.startsWith("chunks/")))
      expect(await cached(name)).toBe("public, max-age=31536000, immutable");
  });
});
