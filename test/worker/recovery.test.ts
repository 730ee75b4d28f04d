/** How long it takes until the worker answers again after a relay was away, without a restart. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createStore } from "../support/bunker.ts";
import { startCappedRelay } from "../support/capped-relay.ts";
import { type Link, startLink } from "../support/link.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { startedWorker, type Worker } from "../support/worker.ts";

interface Parts {
  link: Link;
  worker: Worker;
  client: Nip46Client;
}

const print = (line: string) => process.stdout.write(`${line}\n`);

/** A worker behind a cable of its own, and a client that is connected at the other end. */
const withWorker = async (use: (parts: Parts) => Promise<void>): Promise<void> => {
  // Workers on one database share its keys.
  const store = await createStore();
  const relay = await startCappedRelay(1_000);
  const key = await store.addKey();
  const token = await store.addToken(key);
  const link = await startLink(Number(new URL(relay.url).port));
  const worker = await startedWorker({ ...store.env, RELAYS: `ws://127.0.0.1:${link.port}` });
  const client = await Nip46Client.open(relay.url, key.pubkey);
  try {
    expect(await client.request("connect", [key.pubkey, token])).toMatchObject({ result: "ack" });
    await use({ link, worker, client });
  } finally {
    await worker.end("SIGKILL");
    await client.close();
    await link.close();
    await relay.close();
    await store.close();
  }
};

describe.concurrent("a relay that was away", () => {
  test.for([
    [300, 1_500],
    [10_000, 3_000],
    ...(process.env.LONG_FAULTS === undefined ? [] : ([[60_000, 6_000]] as const)),
  ] as const)("off for %i ms: answers within %i ms of its return", async ([outage, bound]) => {
    await withWorker(async ({ link, worker, client }) => {
      const before = worker.lines().length;
      await link.cut();
      await worker.logged(/lost the relay/, before);
      // Sent while nobody is there; the relay keeps it.
      const reply = client.request("ping");
      await sleep(outage);
      await link.mend();
      const back = performance.now();
      expect(await reply).toMatchObject({ result: "pong" });
      const took = performance.now() - back;
      print(`relay off for ${outage / 1_000} s: answered ${Math.round(took)} ms after it was back`);
      expect(took).toBeLessThan(bound);
    });
  });

  test("frozen: noticed by its silence, and replaced", async () => {
    await withWorker(async ({ link, worker, client }) => {
      const before = worker.lines().length;
      link.freeze();
      const since = performance.now();
      expect(await client.request("ping")).toMatchObject({ result: "pong" });
      const took = performance.now() - since;
      print(`relay frozen: answered ${Math.round(took)} ms later`);
      expect((await worker.logged(/lost the relay/, before)).reason).toBe("no answer to a ping");
      expect(took).toBeLessThan(14_000);
    });
  });
});
