import { startProcess } from "./process.ts";

/**
 * Starts what stands in for Neon's proxy of the server on `postgresPort`: in a process of its own, for what a test
 * computes must not keep the database of the workers that it looks at from answering.
 */
export async function startNeonProxy(
  postgresPort: number,
): Promise<{ port: number; close(): Promise<void> }> {
  const proxy = startProcess("neon-proxy", String(postgresPort));
  const port = Number(await proxy.line());
  return {
    port,
    async close() {
      await proxy.end();
    },
  };
}
