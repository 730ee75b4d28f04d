/** The servers that are measured side by side, each in a process of its own. */
import { type Program, startProgram, type Usage } from "../program.ts";
import type { Keep } from "../session.ts";
import type { DialectName } from "./clients/dialects.ts";
import { openFilesLimit } from "./servers/process.ts";
import { type Redis, startRedis } from "./servers/redis.ts";

export interface Contender {
  name: string;
  dialect: DialectName;
  /** Whether it knows candidates in batches. */
  batches: boolean;
  program: "edge" | "socket-io" | "bare-ws";
  usesRedis?: true;
  /** File descriptors for each socket. */
  filesPerSocket: number;
}

export const CONTENDERS: readonly Contender[] = [
  { name: "the edge, /ws", program: "edge", dialect: "native", batches: true, filesPerSocket: 2 },
  {
    name: "the edge, Socket.IO door",
    program: "edge",
    dialect: "socketIo",
    batches: false,
    filesPerSocket: 2,
  },
  {
    name: "Socket.IO",
    program: "socket-io",
    dialect: "socketIoInBatches",
    batches: true,
    filesPerSocket: 1,
  },
  {
    name: "Socket.IO, Redis adapter",
    program: "socket-io",
    dialect: "socketIoInBatches",
    batches: true,
    usesRedis: true,
    filesPerSocket: 1,
  },
  { name: "bare ws", program: "bare-ws", dialect: "native", batches: true, filesPerSocket: 1 },
];

export interface Running {
  contender: Contender;
  url: string;
  /** With Redis, where it takes part. */
  usage(): Promise<Usage>;
  end(): Promise<void>;
}

type Calls = { start(redis?: string): Promise<string> };

/** A text says why it cannot be measured here. */
export const start = async (contender: Contender, keep: Keep): Promise<Running | string> => {
  const redis = contender.usesRedis ? await startRedis() : undefined;
  if (contender.usesRedis && !redis) return "there is no redis-server here (Debian: redis-server)";
  const parts: { usage(): Promise<Usage>; end(): Promise<void> }[] = [];
  if (redis) parts.push(await keep<Redis>(redis));
  const program = await keep<Program<Calls>>(
    startProgram<Calls>(new URL(`servers/${contender.program}.ts`, import.meta.url)),
  );
  parts.unshift(program);
  return {
    contender,
    url: await program.call("start", redis?.path),
    usage: async () => {
      const usages = await Promise.all(parts.map((part) => part.usage()));
      return {
        cpuSeconds: usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
        rssBytes: usages.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
      };
    },
    end: async () => {
      for (const part of parts) await part.end();
    },
  };
};

/** Descriptors that a process needs beside those of sockets. */
const OWN_FILES = 300;

/** How many sockets this machine lets it have, up to so many; an even number. */
export const roomFor = async ({ filesPerSocket }: Contender, wanted: number): Promise<number> => {
  const most = Math.floor(((await openFilesLimit()) - OWN_FILES) / filesPerSocket);
  return Math.min(wanted, most - (most % 2));
};
