/** The project's worker as the server under test: its own process, read by its log and its metrics. */
import { startWorker } from "../../test/support/worker.ts";
import type { Usage } from "../program.ts";

/** Requests a minute that nobody reaches. */
const NO_LIMIT = "999999999";

export interface WorkerOptions {
  database: { url: string; masterKey: string };
  relay: string;
  /** The backend of the cryptography; by default the one that the worker chooses. */
  crypto?: string | undefined;
  /** Where to write a CPU profile when the worker ends. */
  profiles?: string | undefined;
}

export interface WorkerServer {
  /** When its log had this line, in milliseconds since 1970. */
  logged(message: RegExp): Promise<number>;
  /** All that it has written so far. */
  output(): string;
  /** Samples of /metrics by name. */
  metrics(): Promise<Map<string, number>>;
  usage(): Promise<Usage>;
  signal(signal: NodeJS.Signals): void;
  /** Ends it, also when it is frozen. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

export const startWorkerServer = ({ database, relay, crypto, profiles }: WorkerOptions): WorkerServer => {
  const worker = startWorker({
    DATABASE_URL: database.url,
    DATABASE_DRIVER: "pg",
    MASTER_KEY: database.masterKey,
    RELAYS: relay,
    HTTP_PORT: "0",
    CLIENT_RATE: NO_LIMIT,
    KEY_RATE: NO_LIMIT,
    CRYPTO: crypto,
    NODE_OPTIONS: profiles && `--cpu-prof --cpu-prof-dir=${profiles}`,
  });
  const metrics = async (): Promise<Map<string, number>> => {
    const { port } = await worker.logged(/^monitoring on/);
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const samples = text.matchAll(/^([a-z_]+(?:\{.*\})?) (\S+)$/gm);
    return new Map([...samples].map(([, name = "", value]) => [name, Number(value)]));
  };
  return {
    logged: async (message) => Date.parse((await worker.logged(message)).time),
    output: worker.output,
    metrics,
    usage: async () => {
      const samples = await metrics();
      return {
        cpuSeconds: samples.get("process_cpu_seconds_total") ?? Number.NaN,
        rssBytes: samples.get("process_resident_memory_bytes") ?? Number.NaN,
      };
    },
    signal: (signal) => {
      worker.process.kill(signal);
    },
    end: async (signal) => {
      worker.process.kill("SIGCONT");
      await worker.end(signal);
    },
  };
};
