/** A worker that lives on without its database, beside one that has it. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Crew, shared, startCrew } from "../support/crew.ts";
import { startLink } from "../support/link.ts";
import { addKeys, startRequests } from "../support/steady-requests.ts";

let crew: Crew;
beforeEach(async () => {
  crew = await startCrew();
});
afterEach(() => crew.close());

test("a worker that is cut off from its database stops signing before another starts", async () => {
  const { port } = new URL(crew.store.database.url);
  const link = await startLink(Number(port));
  crew.closing.push(() => link.close());
  const through = new URL(crew.store.database.url);
  through.port = String(link.port);
  const keys = await addKeys(crew.store, 16);
  const status = { HEARTBEAT_INTERVAL_MS: "100" };
  const cutOff = await crew.run({ ...status, DATABASE_URL: through.href });
  const other = await crew.run(status);
  await shared(cutOff, other);
  const load = await startRequests(crew.relay.url, keys, 250);

  let lines = cutOff.lines().length;
  const otherLines = other.lines().length;
  /** How many requests the one that is cut off had answered, by each of its status lines since `lines`. */
  const answered = () =>
    cutOff
      .lines()
      .slice(lines)
      .flatMap(({ time, requests }) =>
        requests ? [{ time, count: (requests as Record<string, number>).answered }] : [],
      );
  // So that it has read, by then, what the clients may do, however few of the keys have fallen to it.
  await expect.poll(() => answered().at(-1)?.count ?? 0).toBeGreaterThan(3 * keys.length);
  lines = cutOff.lines().length;
  await link.cut();
  const ranOut = await cutOff.logged(/^the leases have run out/, lines);
  const took = await other.logged(/^took 16 shards/, otherLines);
  expect(Date.parse(ranOut.time)).toBeLessThan(Date.parse(took.time));
  const after = () => answered().filter(({ time }) => time > took.time);
  await expect.poll(() => after().length).toBeGreaterThan(5);
  // It answered for a while from memory, and then nothing more, whatever it received.
  const [first] = answered();
  const last = new Set(after().map(({ count }) => count));
  expect(last.size).toBe(1);
  expect(last).not.toContain(first?.count);

  const gap = await load.caughtUp();
  await link.mend();
  await cutOff.logged(/^lost 16 shards/, lines);
  await shared(cutOff, other);
  const story = await load.end();
  process.stdout.write(`  ${JSON.stringify({ ...story, gap })}\n`);
  expect(story).toMatchObject({ unanswered: 0, repeated: 0, refused: 0 });
});
