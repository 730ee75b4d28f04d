/** Workers that run and yet can serve nobody: they say so, and leave the keys to those who can. */
import { describe, test } from "vitest";
import { cliWith } from "../support/cli.ts";
import { type Crew, startCrew } from "../support/crew.ts";
import { startLink } from "../support/link.ts";
import { type Monitored, monitored } from "../support/monitoring.ts";
import { startWorker, type Worker } from "../support/worker.ts";

const withCrew = async (use: (crew: Crew) => Promise<void>): Promise<void> => {
  const crew = await startCrew();
  try {
    await use(crew);
  } finally {
    await crew.close();
  }
};

/** A cable to the relay, and a worker at its other end. */
const behindLink = async (crew: Crew) => {
  const link = await startLink(Number(new URL(crew.relay.url).port));
  crew.closing.push(() => link.close());
  const RELAYS = `ws://127.0.0.1:${link.port}`;
  const run = async (): Promise<Worker & Monitored> => {
    const worker = startWorker({ ...crew.store.env, RELAYS, HTTP_PORT: "0" });
    crew.closing.push(() => worker.end("SIGKILL"));
    return Object.assign(worker, await monitored(worker));
  };
  return { link, run };
};

const holds = async (...workers: Monitored[]): Promise<number[]> =>
  Promise.all(workers.map(async (worker) => (await worker.ready()).state.leases.shards));

const LONG = { timeout: 20_000, interval: 50 };

describe.concurrent("a worker", () => {
  test("that cannot open most of its keys is not ready, and says why", ({ expect }) =>
    withCrew(async (crew) => {
      const damaged = () => "no secret at all";
      const keys = [crew.store.addKey(damaged), crew.store.addKey(), crew.store.addKey(damaged)];
      for (const key of await Promise.all(keys)) await crew.store.addToken(key);
      const worker = await crew.run();
      const { status, state } = await worker.ready();
      expect(status).toBe(503);
      expect(state).toMatchObject({ ready: false, keys: { running: 1, broken: 2 } });
      expect(state.reasons).toContain(
        "most of its keys cannot be opened: MASTER_KEY or NCRYPTSEC_PASSPHRASE is not theirs",
      );
      const bunker = cliWith(crew.store.env);
      await expect
        .poll(async () => JSON.parse((await bunker(["--json", "status"])).stdout).workers, { timeout: 8_000 })
        .toMatchObject([{ pid: worker.process.pid, shards: 32, reaches: true, broken: 2 }]);
      expect((await bunker(["status"])).stdout).toMatch(/^Worker .*, CANNOT OPEN 2 of its keys$/m);
    }));

  test("that reaches no relay takes nothing from one that does, until it reaches one", ({ expect }) =>
    withCrew(async (crew) => {
      const first = await crew.run();
      const { link, run } = await behindLink(crew);
      await link.cut();
      const second = await run();
      expect((await second.ready()).state.reasons).toContain(
        "this worker is not registered yet: it tries its relays first",
      );
      await second.logged(/^started 0 bunkers$/);
      const { state } = await second.ready();
      expect(state.leases).toMatchObject({
        shards: 0,
        workers: expect.arrayContaining([expect.objectContaining({ self: true, reaches: false, shards: 0 })]),
      });
      expect(await holds(first, second)).toEqual([32, 0]);
      await link.mend();
      await expect.poll(() => holds(first, second), LONG).toEqual([16, 16]);
      expect(first.lines().some(({ msg }) => /^handed over 16 shards/.test(msg))).toBe(true);
    }));

  test("that has lost its relays gives its keys to one that has not", ({ expect }) =>
    withCrew(async (crew) => {
      const { link, run } = await behindLink(crew);
      const loses = await run();
      await loses.logged(/^started 0 bunkers$/);
      expect(await holds(loses)).toEqual([32]);
      await link.cut();
      // Alone, it keeps everything.
      await loses.logged(/^lost the relay/);
      const keeps = await crew.run();
      await expect.poll(() => holds(loses, keeps), LONG).toEqual([0, 32]);
      await link.mend();
      await expect.poll(() => holds(loses, keeps), LONG).toEqual([16, 16]);
    }));

  test("that reaches no relay takes everything where nobody else does", () =>
    withCrew(async (crew) => {
      const { link, run } = await behindLink(crew);
      await link.cut();
      const worker = await run();
      await worker.logged(/^took 32 shards/);
    }));
});
