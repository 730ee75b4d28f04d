import { beforeAll, describe, expect, test } from "vitest";
import { type IceSettings, iceServers } from "../../edge/turn.ts";
import type { IceServer } from "../../protocol/messages.ts";
import { search, withdrawAll } from "../edge/client.ts";
import { startEdge } from "../support/edge.ts";
import { type Coturn, canRelay, startCoturn } from "./coturn.ts";

const PERSON = "4f9d3c52-1f6e-4a56-9a4e-1b6f6a6d2f10";
const LIFETIME = 3_600_000;

const works = ({ urls, username = "", credential = "" }: IceServer): Promise<boolean> =>
  canRelay([urls].flat()[0] ?? "", username, credential);

const theOnly = (settings: IceSettings, now: number): IceServer => {
  const [server, ...others] = iceServers(settings, PERSON, now);
  if (!server || others.length > 0) throw new Error("not one server");
  return server;
};

describe("a server with a shared secret", () => {
  const secret = "north wind";
  let coturn: Coturn;
  beforeAll(async () => {
    coturn = await startCoturn({ secret });
    return coturn.stop;
  });

  const handedOut = (now: number, madeWith = secret) =>
    theOnly({ stun: [], turn: { urls: [coturn.url], secret: madeWith, lifetime: LIFETIME } }, now);

  test("relays for both of a match, each with credentials of their own", async () => {
    const edge = await startEdge({ vars: { TURN_SERVER_URL: coturn.url, TURN_SERVER_SECRET: secret } });
    const people = [await search(edge), await search(edge)];
    const servers = await Promise.all(
      people.map(async (person) => (await person.expect("matched")).iceServers),
    );
    expect(new Set(servers.flat().map(({ username }) => username)).size).toBe(2);
    expect(await Promise.all(servers.flat().map(works))).toEqual([true, true]);
    await withdrawAll();
    await edge.close();
  });

  test("not with those that have expired", async () => {
    expect(await works(handedOut(Date.now() - LIFETIME - 2_000))).toBe(false);
  });

  test("not with those made with another secret", async () => {
    expect(await works(handedOut(Date.now(), "south wind"))).toBe(false);
  });

  test("not with somebody else's credential, nor with a later end written over", async () => {
    const server = handedOut(Date.now());
    expect(await works({ ...server, username: `${server.username}0` })).toBe(false);
    expect(await works({ ...server, username: `9${server.username}` })).toBe(false);
  });
});

describe("a server with fixed credentials", () => {
  const fixed = { username: "everybody", credential: "east wind" };
  let coturn: Coturn;
  beforeAll(async () => {
    coturn = await startCoturn(fixed);
    return coturn.stop;
  });

  test("relays for who has them, and not for others", async () => {
    const server = theOnly({ stun: [], turn: { urls: [coturn.url], ...fixed } }, Date.now());
    expect(await works(server)).toBe(true);
    expect(await works({ ...server, credential: "west wind" })).toBe(false);
  });
});
