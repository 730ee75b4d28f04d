/**
 * The edge on this machine: `wrangler dev` on 127.0.0.1, port PORT (3001), its objects' storage in .satoshigle/edge.
 * It lives and dies as a whole: SIGINT or SIGTERM stops all of it with exit code 0. If workerd dies, which wrangler
 * would answer with a restart, or wrangler does, the rest is stopped and the exit code is 1.
 * Who starts it over an IPC channel is told `ready`, and is taken to have given it a process group of its own.
 */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const WRANGLER = new URL("bin/wrangler.js", import.meta.resolve("wrangler/package.json"));
const RUNTIME_CRASHED = "The Workers runtime crashed unexpectedly";
const READY = "Ready on http";
/** Milliseconds. */
const PATIENCE = 4_000;

const hasStarter = process.connected === true;

const wrangler = spawn(
  process.execPath,
  [
    fileURLToPath(WRANGLER),
    "dev",
    "--ip=127.0.0.1",
    `--port=${process.env.PORT || 3001}`,
    "--inspector-port=0",
    `--persist-to=${resolve(".satoshigle/edge")}`,
    "--show-interactive-dev-session=false",
  ],
  {
    cwd: new URL("..", import.meta.url),
    env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: "false" },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: Ctrl-C reaches this process only, and no member can outlive the stop.
    detached: !hasStarter,
  },
);

let exitCode = 1;
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => stop(0));
process.on("disconnect", () => stop(0));
for (const stream of ["stdout", "stderr"]) {
  createInterface(wrangler[stream]).on("line", (line) => {
    process[stream].write(`${line}\n`);
    if (hasStarter && line.includes(READY)) process.send("ready");
    if (line.includes(RUNTIME_CRASHED)) stop(1);
  });
}
wrangler.on("exit", () => {
  if (!hasStarter) killGroup();
  process.exit(exitCode);
});

function stop(code) {
  exitCode = code;
  wrangler.kill("SIGTERM");
  setTimeout(killGroup, PATIENCE).unref();
}

function killGroup() {
  try {
    process.kill(-(hasStarter ? process.pid : wrangler.pid), "SIGKILL");
  } catch {
    // Nobody is left in it.
  }
}
