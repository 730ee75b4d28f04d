import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Edge, startEdge } from "../support/edge.ts";
import { type Client, join, withdrawAll } from "./client.ts";
import { ADMIN_TOKEN, ask } from "./operator.ts";

const MAX_SOCKETS = 3;
/** The loads of lobbies are fetched anew when they are a second old. */
const POLLING = { interval: 200, timeout: 15_000 };

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({
    vars: {
      ADMIN_TOKEN,
      MAX_CONNECTIONS_PER_ADDRESS: "100",
      LOBBY_MAX_SOCKETS: String(MAX_SOCKETS),
      // The test asks; nobody goes.
      MOVE_AFTER_MS: "600000",
      RATE_LIMIT_MAX_REQUESTS: "10000",
    },
  });
});
afterEach(withdrawAll);
afterAll(() => edge.close());

const from = (region: string) => ({ headers: { "mf-cf-blob": JSON.stringify({ continent: region }) } });

async function searching(region: string): Promise<Client> {
  const person = await join(edge, from(region));
  person.say({ type: "search" });
  await person.expect("waiting");
  return person;
}

async function whereElse(lobby: string): Promise<string | undefined> {
  const directory = await edge.directory(lobby.split("/")[0] ?? "");
  return directory.whereElse(lobby, "video");
}

const expectWhereElse = (lobby: string) => expect.poll(() => whereElse(lobby), POLLING);

test("from a lobby to another, from a region to another, and not back and forth", async () => {
  const idle: Client[] = [];
  while (idle.length < MAX_SOCKETS - 1) idle.push(await join(edge, from("EU")));
  await searching("EU");
  await searching("EU");
  // Both wait alone, and EU/1 is full.
  await expectWhereElse("EU/1").toBe("EU/2");
  await expectWhereElse("EU/2").toBe(undefined);
  // It is not any more: the later goes to the earlier.
  await idle[0]?.leave();
  await expectWhereElse("EU/2").toBe("EU/1");
  await expectWhereElse("EU/1").toBe(undefined);
  // Another region: nobody is near.
  await searching("SA");
  await expectWhereElse("SA/1").toBe("EU/1");
  await expectWhereElse("EU/1").toBe(undefined);
});

test("out of a lobby that is drained to any other, also to one where nobody waits", async () => {
  await searching("AS");
  await expectWhereElse("AS/1").toBe(undefined);
  await ask(edge, "admin/drain", { method: "POST", body: { lobby: "AS/1", on: true } });
  await expectWhereElse("AS/1").toBe("AS/2");
});

test("a lobby that the directory does not know leads nowhere", async () => {
  expect(await whereElse("OC/7")).toBe(undefined);
});
