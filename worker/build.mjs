/** Bundles the worker into dist/, to run there with plain Node 20.19 or newer and nothing installed. */
import { existsSync } from "node:fs";
import { chmod, cp, rm } from "node:fs/promises";
import { build } from "esbuild";

await rm("dist/worker", { recursive: true, force: true });
await rm("dist/prisma", { recursive: true, force: true });
await build({
  // The thread of keys.ts is a program of its own.
  entryPoints: { main: "worker/main.ts", ncryptsec: "worker/ncryptsec.ts", cli: "worker/cli/main.ts" },
  outdir: "dist/worker",
  bundle: true,
  platform: "node",
  target: "node20.19",
  format: "esm",
  sourcemap: true,
  // Optional: speeds up `pg` where it is installed.
  external: ["pg-native"],
  // Some dependencies are CommonJS and ask for what an ES module does not have.
  banner: {
    js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url); const __filename = import.meta.filename; const __dirname = import.meta.dirname;',
  },
  logLevel: "info",
});
// What is no JavaScript of the cryptography: libsecp256k1 as WebAssembly, and the way to the system's, for this platform.
await cp("node_modules/tiny-secp256k1/lib/secp256k1.wasm", "dist/worker/secp256k1.wasm");
if (existsSync("node_modules/@koromix")) {
  await cp("node_modules/@koromix", "dist/worker/node_modules/@koromix", { recursive: true });
}
await chmod("dist/worker/cli.js", 0o755);
await cp("prisma/migrations", "dist/prisma/migrations", { recursive: true });
