/**
 * The edge on this machine: `wrangler dev` on 127.0.0.1, port PORT (3001), its objects' storage in .satoshigle/edge.
 * It lives and dies as a whole: SIGINT, SIGTERM or SIGHUP (the terminal is closed) stops all of it with exit code 0.
 * If workerd dies, which wrangler would answer with a restart, or wrangler does, the rest is stopped and the exit code
 * is 1; it is 2 if PORT or an argument makes no sense.
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

const HELP = `Starts the edge alone on this machine: the page, /ws and /relay on 127.0.0.1.

  npm run edge

PORT (3001) is where it listens. What its objects keep is in .satoshigle/edge.
`;

const [argument] = process.argv.slice(2);
if (argument === "--help" || argument === "-h") {
  process.stdout.write(HELP);
  process.exit(0);
}
if (argument !== undefined) refuse(`unknown argument: ${argument}`);
const port = Number(process.env.PORT || 3001);
if (!Number.isInteger(port) || port < 1 || port > 65_535)
  refuse("PORT must be a whole number from 1 to 65535");

const hasStarter = process.connected === true;

const wrangler = spawn(
  process.execPath,
  [
    fileURLToPath(WRANGLER),
    "dev",
    "--ip=127.0.0.1",
    `--port=${port}`,
    "--inspector-port=0",
    `--persist-to=${resolve(".satoshigle/edge")}`,
    "--show-interactive-dev-session=false",
  ],
  {
    cwd: new URL("..", import.meta.url),
    // It asks nobody outside: neither where this machine is, nor, with its banner, for a newer version of itself.
    env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_HIDE_BANNER: "true" },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: Ctrl-C reaches this process only, and no member can outlive the stop.
    detached: !hasStarter,
  },
);

let exitCode = 1;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop(0));
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

function refuse(reason) {
  process.stderr.write(`${reason}\n`);
  process.exit(2);
}

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
