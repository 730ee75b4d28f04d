/** One worker after another: what the first has answered, and when the second may begin. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { cliWith } from "../support/cli.ts";
import { type Crew, startCrew } from "../support/crew.ts";
import { Nip46Client } from "../support/nip46-client.ts";

let crew: Crew;
beforeEach(async () => {
  crew = await startCrew();
});
afterEach(() => crew.close());

test.for(["SIGTERM", "SIGKILL"] as const)(
  "what a worker answered before %s the next one does not answer again",
  async (signal) => {
    const key = await crew.store.addKey();
    const token = await crew.store.addToken(key);
    const first = await crew.run();
    const client = await Nip46Client.open(crew.relay.url, key.pubkey);
    crew.closing.push(() => client.close());
    expect(await client.request("connect", [key.pubkey, token])).toMatchObject({ result: "ack" });
    const event = JSON.stringify({ kind: 1, content: "", tags: [], created_at: 1_700_000_000 });
    for (let index = 0; index < 5; index++) await client.request("sign_event", [event]);
    // At once: what was answered last is not in the audit log yet.
    await first.end(signal);
    const replies = client.replies.length;

    // The relay delivers all of it again, and nobody has to wait for a lease to run out.
    const second = await crew.run();
    expect(await client.request("ping")).toMatchObject({ result: "pong" });
    expect(await client.request("ping")).toMatchObject({ result: "pong" });
    expect(client.replies).toHaveLength(replies + 2);
    const { state } = await second.ready();
    expect(state.leases).toMatchObject({ ready: true, shards: 32, alone: true });
    const samples = await second.metrics();
    expect(samples.get("satoshigle_shards_held")).toBe(32);
    expect(samples.get('satoshigle_events_dropped_total{reason="duplicate"}')).toBe(6);
  },
);

test("where nothing proves that a worker has ended, its lease has to run out, and the log says until when", async () => {
  const first = await crew.run();
  await first.end("SIGKILL");
  // As if it had run on another machine, and some time ago.
  await crew.store.sql(
    `UPDATE "Workers" SET place = jsonb_set(place, '{boot}', '"elsewhere"'),
       renewed = satoshigle_now() - 60000, expires = satoshigle_now() + 6000`,
  );
  const second = await crew.run();
  const { until, shards } = await second.logged(/^waiting for the worker at /);
  expect(shards).toBe(32);
  const { time } = await second.logged(/^took 32 shards/);
  expect(Date.parse(time)).toBeGreaterThanOrEqual(Date.parse(String(until)) - 100);

  const { stdout } = await cliWith(crew.store.env)(["--json", "status"]);
  expect(JSON.parse(stdout)).toMatchObject({
    workers: [{ pid: second.process.pid, shards: 32 }],
    unserved: 0,
  });
  expect((await cliWith(crew.store.env)(["status"])).stdout).toMatch(
    new RegExp(`^Worker .*process ${second.process.pid}: 32 of 32 parts`, "m"),
  );
});
