/** The page's line to the server, without the page. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ServerMessage } from "../../protocol/messages.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { LOBBY } from "./names.ts";

type Line = { say(message: object): void; close(): void };
type Module = {
  Signaling: new (
    url: URL,
    onMessage: (message: ServerMessage) => void,
    onClose: (why: string) => void,
  ) => Line;
};

let edge: Edge;
let Signaling: Module["Signaling"];
beforeAll(async () => {
  edge = await startEdge({ vars: { MAX_CONNECTIONS_PER_ADDRESS: "100" } });
  ({ Signaling } = (await import(new URL("../../web/page/signaling.js", import.meta.url).href)) as Module);
});
afterAll(() => edge.close());

function open() {
  const heard: ServerMessage[] = [];
  const closed: string[] = [];
  const line = new Signaling(
    new URL("/ws?v=1", edge.url),
    (message) => heard.push(message),
    (why) => closed.push(why),
  );
  const types = () => heard.map(({ type }) => type);
  return { line, heard, closed, types };
}

test("a line that is lost is taken up where it was, until it is closed", async () => {
  const people = [open(), open()];
  for (const { line } of people) line.say({ type: "search" });
  for (const { types } of people) await expect.poll(() => types().at(-1)).toBe("matched");
  const [first, second] = people;
  const match = first?.heard.find((message) => message.type === "matched");
  await edge.evict("Lobby", LOBBY, { webSockets: "close" });
  for (const { types } of people) await expect.poll(types, { timeout: 10_000 }).toContain("resumed");
  const signal = { type: "signal", matchId: match?.matchId, candidates: [{ candidate: "c" }] };
  first?.line.say(signal);
  await expect.poll(() => second?.heard.at(-1)).toEqual(signal);
  expect(people.flatMap(({ closed }) => closed)).toEqual([]);

  first?.line.close();
  await expect.poll(() => second?.types().slice(-2)).toEqual(["ended", "waiting"]);
  second?.line.close();
});

test("a place that is lost ends the line", async () => {
  const person = open();
  person.line.say({ type: "search" });
  await expect.poll(person.types).toContain("waiting");
  await edge.close();
  edge = await startEdge({ port: Number(edge.url.port), vars: { MAX_CONNECTIONS_PER_ADDRESS: "100" } });
  await expect.poll(() => person.closed, { timeout: 20_000 }).toEqual(["the place is lost"]);
});
