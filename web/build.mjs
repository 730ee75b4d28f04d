/**
 * Bundles what browsers load into dist/page, for the edge to serve: the page, of which app.js is the start and chunks/
 * comes when it is asked for, and client.js, which any page may import. Says how large all of it is, and fails when a
 * start has become too large for a slow phone. Runs on plain Node 20.19 or newer.
 */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";

const WEB = fileURLToPath(new URL(".", import.meta.url));

/** Bytes, by gzip, of the JavaScript that runs before anybody asks for more. */
const MAX_START = 120_000;

/** Where it is written is not esbuild's business: the names in its metafile begin with this. */
const OUTDIR = "page";

const BROWSERS = {
  absWorkingDir: WEB,
  outdir: OUTDIR,
  bundle: true,
  write: false,
  metafile: true,
  format: "esm",
  target: ["chrome111", "firefox115", "safari16.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: true,
  sourcemap: "linked",
  logLevel: "warning",
};

/** build.d.mts says what it takes and gives. */
export async function buildPage(outdir, web = WEB) {
  const options = { ...BROWSERS, absWorkingDir: web };
  const [page, client] = await Promise.all([
    build({
      ...options,
      entryPoints: { app: "page/main.tsx", style: "page/style.css" },
      splitting: true,
      chunkNames: "chunks/[name]-[hash]",
    }),
    build({ ...options, entryPoints: { client: "client/main.ts" } }),
  ]);
  const files = new Map(
    [...page.outputFiles, ...client.outputFiles].map(({ path, contents }) => [
      relative(join(web, OUTDIR), path).split(sep).join("/"),
      contents,
    ]),
  );
  const outputs = importedBy(`${OUTDIR}/app.js`, page.metafile.outputs);
  const start = outputs.map((name) => name.slice(OUTDIR.length + 1));
  files.set("index.html", preloading(start, await readFile(join(web, "page/index.html"), "utf8")));
  files.set("_headers", await readFile(join(web, "page/_headers")));

  // To compress the source maps as well would take longer than all the rest.
  const sizes = [...files]
    .filter(([name]) => /\.(js|css|html)$/.test(name))
    .map(([name, contents]) => ({
      name,
      gzip: gzipSync(contents, { level: 9 }).length,
      brotli: brotliCompressSync(contents).length,
    }));
  const { gzip } = sum(sizes, start);
  if (gzip > MAX_START)
    throw new Error(`${start.join(", ")}: ${kilobytes(gzip)} by gzip, of at most ${kilobytes(MAX_START)}`);
  await publish(files, resolve(outdir));
  const inputs = outputs.flatMap((name) => Object.entries(page.metafile.outputs[name].inputs));
  const modules = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
  return { files: sizes, start, modules };
}

/** An output and all that it loads without being asked for more. */
function importedBy(entry, outputs) {
  const found = new Set([entry]);
  for (const name of found) {
    for (const { path, kind } of outputs[name].imports) if (kind === "import-statement") found.add(path);
  }
  return [...found];
}

/** A browser then fetches all of the start at once, not app.js first to learn of the rest. */
function preloading([, ...rest], html) {
  const links = rest.map((name) => `<link rel="modulepreload" href="/${name}" />`).join("");
  return Buffer.from(html.replace("</head>", `${links}</head>`));
}

function sum(files, names) {
  const counted = files.filter(({ name }) => names.includes(name));
  const of = (encoding) => counted.reduce((bytes, file) => bytes + file[encoding], 0);
  return { name: "what app.js loads at once", gzip: of("gzip"), brotli: of("brotli") };
}

const kilobytes = (bytes) => `${(bytes / 1_000).toFixed(1)} kB`;

/** What names others comes after them; what is as it was is left alone, as `wrangler dev` watches the folder. */
async function publish(files, outdir) {
  await mkdir(outdir, { recursive: true });
  const staging = await mkdtemp(`${outdir}.`);
  try {
    const last = ["app.js", "index.html"];
    const ordered = [...files].sort(([a], [b]) => last.indexOf(a) - last.indexOf(b));
    for (const [name, contents] of ordered) {
      const path = join(outdir, name);
      if ((await readFile(path).catch(() => undefined))?.equals(contents)) continue;
      await writeFile(join(staging, "file"), contents);
      await mkdir(dirname(path), { recursive: true });
      await rename(join(staging, "file"), path);
    }
  } finally {
    await rm(staging, { recursive: true });
  }
  for (const entry of await readdir(outdir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(outdir, path).split(sep).join("/");
    if (entry.isFile() && !files.has(name)) await rm(path, { force: true });
  }
}

function report({ files, start }) {
  const rows = [...files, sum(files, start)];
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map(({ name, gzip, brotli }) => {
    const sizes = `${kilobytes(gzip).padStart(10)} gzip ${kilobytes(brotli).padStart(10)} brotli`;
    return `${name.padEnd(width)}${sizes}\n`;
  });
  process.stdout.write(lines.join(""));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildPage(join(WEB, "../dist/page")).then(report, (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
