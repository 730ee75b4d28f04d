/**
 * The edge as tests meet it: the bundle and the configuration of wrangler.toml, in workerd, on a loopback port.
 * Nothing is mocked and nothing outside this machine is asked for anything.
 */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import type { DirectoryCalls, ModerationCalls } from "../../edge/rpc.ts";

const NAME = "edge";
const configuration = fileURLToPath(new URL("../../wrangler.toml", import.meta.url));

/** A suite is one address, and many clients. */
const FROM_ONE_ADDRESS = { MAX_RELAY_CONNECTIONS_PER_ADDRESS: "1000", RATE_LIMIT_MAX_REQUESTS: "100000" };

export type ObjectClass = "Lobby" | "Directory" | "Moderation" | "Relay";

export type Edge = {
  /** `http://127.0.0.1:<port>/`, with the trailing slash. */
  url: URL;
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
};

export async function startEdge({ vars, port = 0, persist }: EdgeOptions = {}): Promise<Edge> {
  const { workerOptions, script } = await worker();
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...workerOptions,
      name: NAME,
      modules: [{ type: "ESModule", path: "main.js", contents: script }],
      bindings: Object.assign({}, workerOptions.bindings, FROM_ONE_ADDRESS, vars),
      host: "127.0.0.1",
      port,
      cf: false,
      ...(persist === undefined ? {} : { resourcePersistencePath: persist }),
    }),
  );
  return {
    url: await miniflare.ready,
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

type Worker = ReturnType<typeof unstable_getMiniflareWorkerOptions> & { script: string };
let bundled: Promise<Worker> | undefined;

/** Bundled once per process, as wrangler would. */
function worker(): Promise<Worker> {
  bundled ??= bundle();
  return bundled;
}

async function bundle(): Promise<Worker> {
  const options = unstable_getMiniflareWorkerOptions(configuration);
  if (options.main === undefined) throw new Error("wrangler.toml names no main");
  const { outputFiles } = await build({
    entryPoints: [options.main],
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
