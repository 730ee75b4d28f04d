import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** A run starts hundreds of processes, and compiling is most of what a start takes: Node keeps the outcome here. */
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("node_modules/.cache/compiled", import.meta.url));

/** What depends on the database runs twice: over TCP, and as against Neon, over a WebSocket. */
const DATABASE_TESTS = ["test/db/**/*.test.ts", "test/worker/**/*.test.ts"];

/** Once is enough: of the embedded server, which is reached over TCP only, and of what relays and strangers do. */
const ONCE = [
  "test/db/embedded.test.ts",
  ...["auth", "backlog", "built", "capacity", "hearing", "hostile", "slow-relay", "traps"].map(
    (name) => `test/worker/${name}.test.ts`,
  ),
];

const project = (name: string, include: string[], more = {}) => ({
  extends: true as const,
  test: { name, include, ...more },
});

export default defineConfig({
  test: {
    // Most tests wait for processes and sockets rather than for a core.
    maxWorkers: 2,
    // For what hangs: some tests take twenty seconds on a slow machine that has nothing else to do.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What comes about is waited for: how soon is looked at where it matters, beside a load that is known.
    expect: { poll: { timeout: 10_000 } },
    globalSetup: ["test/support/postgres.ts", "test/support/page.ts"],
    projects: [
      project("unit", ["test/unit/**/*.test.ts", "test/protocol/**/*.test.ts"]),
      project("edge", ["test/edge/**/*.test.ts", "test/relay/**/*.test.ts"]),
      project("web", ["test/web/**/*.test.ts"]),
      project("dev", ["test/dev/**/*.test.ts"]),
      project("bench", ["test/bench/**/*.test.ts"]),
      // Needs packages of the system: `npm run system:prepare`.
      project("system", ["test/system/**/*.test.ts"], { provide: { driver: "pg" } }),
      project("worker (pg)", DATABASE_TESTS, { provide: { driver: "pg" } }),
      project("worker (neon)", DATABASE_TESTS, { provide: { driver: "neon" }, exclude: ONCE }),
    ],
  },
});
