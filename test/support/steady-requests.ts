/** Clients that ask their keys to sign, one event after the other, whether they are answered or not. Gaps are in milliseconds, between two replies of one key. */
import { setTimeout as sleep } from "node:timers/promises";
import type { TestKey, TestStore } from "./bunker.ts";
import { Nip46Client } from "./nip46-client.ts";

export interface Story {
  sent: number;
  /** Requests that had no reply, and those that had more than one. */
  unanswered: number;
  repeated: number;
  refused: number;
}

export interface SteadyRequests {
  /** Resolves when all that was asked until now is answered, with the longest gap since this was last called. */
  caughtUp(): Promise<number>;
  /** Sends nothing new; resolves when everything is answered, or with what is not after a while. */
  end(): Promise<Story>;
}

/** Keys with a token each, and the tokens. */
export const addKeys = async (
  store: Pick<TestStore, "addKey" | "addToken">,
  count: number,
): Promise<{ key: TestKey; token: string }[]> => {
  const keys = [];
  for (let index = 0; index < count; index++) {
    const key = await store.addKey();
    keys.push({ key, token: await store.addToken(key) });
  }
  return keys;
};

/** Connects a client to each key, and has each ask every `intervalMs`. */
export const startRequests = async (
  relay: string,
  keys: Awaited<ReturnType<typeof addKeys>>,
  intervalMs: number,
): Promise<SteadyRequests> => {
  const stop = new AbortController();
  const clients = await Promise.all(
    keys.map(async ({ key, token }) => {
      const client = await Nip46Client.open(relay, key.pubkey);
      const { error } = await client.request("connect", [key.pubkey, token]);
      if (error) throw new Error(error);
      return client;
    }),
  );
  const story: Story = { sent: 0, unanswered: 0, repeated: 0, refused: 0 };
  const waiting = new Set<Promise<unknown>>();
  let longestGapMs = 0;
  const asking = clients.map(async (client, index) => {
    await sleep((intervalMs * index) / clients.length);
    let answeredAt = performance.now();
    while (!stop.signal.aborted) {
      const event = { kind: 1, content: String(story.sent++), tags: [], created_at: 1_700_000_000 };
      story.unanswered += 1;
      const reply = client.request("sign_event", [JSON.stringify(event)]).then(({ error }) => {
        story.unanswered -= 1;
        if (error) story.refused += 1;
        longestGapMs = Math.max(longestGapMs, Math.round(performance.now() - answeredAt));
        answeredAt = performance.now();
        waiting.delete(reply);
      });
      waiting.add(reply);
      await sleep(intervalMs, undefined, { signal: stop.signal }).catch(() => {});
    }
  });
  return {
    caughtUp: async () => {
      await Promise.all(waiting);
      const gap = longestGapMs;
      longestGapMs = 0;
      return gap;
    },
    end: async () => {
      stop.abort();
      await Promise.all(asking);
      await Promise.race([Promise.all(waiting), sleep(5_000)]);
      for (const client of clients) {
        const ids = client.replies.map(({ id }) => id);
        story.repeated += ids.length - new Set(ids).size;
        await client.close();
      }
      return story;
    },
  };
};
