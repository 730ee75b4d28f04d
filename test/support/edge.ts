/**
 * The edge as tests meet it: the bundle and the configuration of wrangler.toml, in workerd, on a loopback port.
 * Nothing is mocked and nothing outside this machine is asked for anything.
 */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import type { DirectoryCalls, ModerationCalls } from "../../edge/rpc.ts";

const NAME = "edge";
const PAGE = fileURLToPath(new URL("../../dist/page", import.meta.url));
const configuration = fileURLToPath(new URL("../../wrangler.toml", import.meta.url));

/** A suite is one address, and many clients. */
const FROM_ONE_ADDRESS = { MAX_RELAY_CONNECTIONS_PER_ADDRESS: "1000", RATE_LIMIT_MAX_REQUESTS: "100000" };

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export type ObjectClass = "Lobby" | "Directory" | "Moderation" | "Relay";

export type Edge = {
  /** `http://127.0.0.1:<port>/`, with the trailing slash. */
  url: URL;
  /** The same without miniflare's own Worker in front, which a page and the caller's address need. */
  direct: URL;
  /**
   * Throws the object out of memory. Its sockets, their attachments and its storage stay, as in hibernation;
   * with `webSockets: "close"` the sockets are dropped too, as by a deploy (clients see code 1006).
   */
  evict(className: ObjectClass, name: string, options?: { webSockets?: "close" }): Promise<void>;
  /** What other objects ask of these, asked from here. Who does pins them: they can be evicted no more. */
  directory(region: string): Promise<DirectoryCalls>;
  moderation(): Promise<ModerationCalls>;
  /** Stops workerd and gives the port back. */
  close(): Promise<void>;
};

export type EdgeOptions = {
  /** Variables beside, or instead of, those of wrangler.toml. */
  vars?: Record<string, string>;
  /** Default: one that the operating system gives. */
  port?: number;
  /** A folder that keeps the objects' storage over a restart. Default: in memory. */
  persist?: string;
  /** The module to run instead of the one that wrangler.toml names. */
  main?: string;
  /** Whoever starts it closes it at a signal. Default: miniflare ends this process at once, while workerd is still ending. */
  leavesSignals?: true;
  /** Hears of each exception that reaches the runtime, and of all that is logged as an error or a warning. */
  onTrouble?: (what: string) => void;
};

export async function startEdge({
  vars,
  port = 0,
  persist,
  main,
  leavesSignals,
  onTrouble,
}: EdgeOptions = {}): Promise<Edge> {
  const { workerOptions, script } = await worker(main);
  const before = SIGNALS.map((signal) => process.listeners(signal));
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: [
        {
          ...workerOptions,
          name: NAME,
          modules: [{ type: "ESModule", path: "main.js", contents: `${script}\n${ADMIT_REJECTIONS}` }],
          bindings: Object.assign({}, workerOptions.bindings, FROM_ONE_ADDRESS, vars),
          unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
          ...(onTrouble === undefined ? {} : { tails: [WATCHER.name] }),
        },
        ...(onTrouble === undefined ? [] : [WATCHER]),
      ],
      host: "127.0.0.1",
      port,
      cf: false,
      ...(persist === undefined ? {} : { resourcePersistencePath: persist }),
      ...(onTrouble === undefined ? {} : { handleStructuredLogs: (line) => heed(line, onTrouble) }),
    }),
  );
  if (leavesSignals)
    for (const [index, signal] of SIGNALS.entries())
      for (const listener of process.listeners(signal))
        if (!before[index]?.includes(listener)) process.off(signal, listener);
  return {
    url: await miniflare.ready,
    direct: await miniflare.unsafeGetDirectURL(NAME),
    evict: (className, name, options) =>
      miniflare.unsafeEvictDurableObject(NAME, className, { name, ...options }),
    directory: async (region) => {
      const namespace = await miniflare.getDurableObjectNamespace("DIRECTORY", NAME);
      return namespace.getByName(region) as unknown as DirectoryCalls;
    },
    moderation: async () => {
      const namespace = await miniflare.getDurableObjectNamespace("MODERATION", NAME);
      return namespace.getByName("world") as unknown as ModerationCalls;
    },
    close: () => miniflare.dispose(),
  };
}

/** A promise that is rejected and awaited by nobody is not known to the tail. */
const ADMIT_REJECTIONS =
  'addEventListener("unhandledrejection", ({ reason }) => console.error("unhandled", reason));';

/** What an object's handler throws is not logged by the runtime; it tells the tail of it. */
const WATCHER = {
  name: "watcher",
  compatibilityDate: "2026-10-20",
  modules: [
    {
      type: "ESModule" as const,
      path: "watcher.js",
      contents: `export default {
        tail(events) {
          for (const { entrypoint, outcome, exceptions } of events)
            if (!["ok", "canceled", "responseStreamDisconnected"].includes(outcome) || exceptions.length > 0)
              console.error("thrown out of", entrypoint, outcome, JSON.stringify(exceptions));
        }
      }`,
    },
  ],
};

function heed({ level, message }: { level: string; message: string }, onTrouble: (what: string) => void) {
  if (level !== "info" && level !== "log" && level !== "debug") onTrouble(`${level}: ${message}`);
}

type Worker = ReturnType<typeof unstable_getMiniflareWorkerOptions> & { script: string };
const bundled = new Map<string | undefined, Promise<Worker>>();

/** Bundled once per process, as wrangler would. */
function worker(main: string | undefined): Promise<Worker> {
  const known = bundled.get(main) ?? bundle(main);
  bundled.set(main, known);
  return known;
}

async function bundle(main: string | undefined): Promise<Worker> {
  const options = unstable_getMiniflareWorkerOptions(configuration);
  // Who asks for nothing of the page needs none built.
  await mkdir(PAGE, { recursive: true });
  const entry = main ?? options.main;
  if (entry === undefined) throw new Error("wrangler.toml names no main");
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    define: options.define,
  });
  return { ...options, script: outputFiles.map((file) => file.text).join("\n") };
}
