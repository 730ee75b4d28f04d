import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Edge, startEdge } from "../support/edge.ts";
import { pair, withdrawAll } from "./client.ts";
import { LOBBY } from "./names.ts";

const WINDOW = 1_000;

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({
    vars: { MAX_CONNECTIONS_PER_ADDRESS: "100", REMATCH_WINDOW_MS: String(WINDOW) },
  });
});
afterEach(withdrawAll);
afterAll(() => edge.close());

test.each([false, true])(
  "the only two are matched again when the window ends (evicted meanwhile: %s)",
  async (evicted) => {
    const { first, second, matchId } = await pair(edge);
    const skippedAt = Date.now();
    second.say({ type: "skip", matchId });
    await second.expect("waiting");
    await first.expect("ended");
    await first.expect("waiting");
    if (evicted) await edge.evict("Lobby", LOBBY);
    const again = await first.expect("matched");
    expect(Date.now() - skippedAt).toBeGreaterThanOrEqual(WINDOW - 1);
    expect(again.matchId).not.toBe(matchId);
    expect(await second.expect("matched")).toMatchObject({
      type: "matched",
      matchId: again.matchId,
      role: "polite",
    });
  },
);
