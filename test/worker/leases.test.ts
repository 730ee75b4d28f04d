/** Several workers on one database: every key is served by one of them, and every request is answered once. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Crew, shared, startCrew } from "../support/crew.ts";
import { addKeys, type SteadyRequests, startRequests } from "../support/steady-requests.ts";

let crew: Crew;
beforeEach(async () => {
  crew = await startCrew();
});
afterEach(() => crew.close());

test("workers that die, freeze, stop and join under load leave no request unanswered and answer none twice", async () => {
  const keys = await addKeys(crew.store, 16);
  const [dies, freezes, stops] = [await crew.run(), await crew.run(), await crew.run()];
  await shared(dies, freezes, stops);
  const load = await startRequests(crew.relay.url, keys, 500);

  const gaps: Record<string, number> = {};
  await dies.end("SIGKILL");
  await shared(freezes, stops);
  gaps.killed = await load.caughtUp();
  freezes.process.kill("SIGSTOP");
  const joins = await crew.run();
  await shared(stops, joins);
  gaps.frozen = await load.caughtUp();
  freezes.process.kill("SIGCONT");
  await shared(freezes, stops, joins);
  gaps.resumed = await load.caughtUp();
  expect(await stops.end()).toBe(0);
  await shared(freezes, joins);
  gaps.stopped = await load.caughtUp();

  const story = await load.end();
  process.stdout.write(`  ${JSON.stringify({ ...story, gaps })}\n`);
  expect(story).toMatchObject({ unanswered: 0, repeated: 0, refused: 0 });
  // It noticed by itself, before it was told.
  await freezes.logged(/^the leases have run out/);
  await freezes.logged(/^lost 16 shards/);
  for (const worker of [freezes, stops, joins]) {
    expect(worker.lines().filter(({ level }) => level >= 50)).toEqual([]);
  }
});

test("what a worker answered last before it died is not answered again, also when its successor dies like it", async () => {
  const keys = await addKeys(crew.store, 16);
  const stays = await crew.run();
  let load: SteadyRequests | undefined;
  for (let deaths = 0; deaths < 2; deaths++) {
    const dies = await crew.run();
    await shared(stays, dies);
    load ??= await startRequests(crew.relay.url, keys, 200);
    await load.caughtUp();
    await dies.end("SIGKILL");
    await shared(stays);
    await load.caughtUp();
  }
  expect(await load?.end()).toMatchObject({ unanswered: 0, repeated: 0, refused: 0 });
});
