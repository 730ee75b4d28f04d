import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import * as v from "valibot";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CloseCode } from "../../protocol/close-codes.ts";
import { PageSettings, Presence } from "../../protocol/http-answers.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { join, knock, withdrawAll } from "./client.ts";

const OURS = "https://satoshigle.example";

let edge: Edge;
beforeAll(async () => {
  const vars = {
    CLIENT_URL: `${OURS}/`,
    CLIENT_IP_URL: "http://192.0.2.1:3000",
    MAX_CONNECTIONS_PER_ADDRESS: "100",
  };
  edge = await startEdge({ vars });
});
afterEach(withdrawAll);
afterAll(() => edge.close());

/** The status with which the server answers an upgrade to a WebSocket that it does not grant. */
async function refusal(headers: Record<string, string>, path = "/ws?v=1"): Promise<number | undefined> {
  const client = knock(edge, { path, headers });
  const [, response]: IncomingMessage[] = await once(client.socket, "unexpected-response");
  response?.destroy();
  return response?.statusCode;
}

describe("over plain HTTP", () => {
  test.each([
    ["GET", "health", 200],
    ["HEAD", "health", 200],
    ["POST", "health", 405],
    ["GET", "nowhere", 404],
    ["GET", "health/", 200],
    ["GET", "health//x", 404],
    ["GET", "__proto__", 404],
    ["POST", "ws", 405],
    ["GET", "ws", 426],
    ["DELETE", "relay", 405],
  ])("%s /%s: %i, with headers that leave nothing to guess", async (method, path, status) => {
    const response = await fetch(new URL(path, edge.url), { method });
    expect(response.status).toBe(status);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(response.headers.get("content-type")).toBe("application/json");
    if (method !== "HEAD")
      expect(await response.json()).toEqual(
        status === 200 ? { status: "ok" } : { error: expect.any(String) },
      );
    if (status === 405) expect(response.headers.get("allow")).toContain("GET");
  });
});

test.each(["/ws", "/socket.io/?EIO=4&transport=websocket"])(
  "%s is not opened under a name that is longer than names are",
  async (path) => {
    expect(await refusal({ host: "h".repeat(256) }, path)).toBe(400);
    const client = knock(edge, { path, headers: { host: "h".repeat(255) } });
    await once(client.socket, "open");
    client.socket.terminate();
  },
);

describe("more requests of one address than so many in a window", () => {
  let strict: Edge;
  beforeAll(async () => {
    strict = await startEdge({ vars: { RATE_LIMIT_MAX_REQUESTS: "4", RATE_LIMIT_WINDOW_MS: "3600000" } });
    const answers = ["health", "nowhere", "ws", "relay"].map((path) => fetch(new URL(path, strict.url)));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 404, 426, 426]);
  });
  afterAll(() => strict.close());

  test("are refused, whatever they ask for", async () => {
    for (const path of ["health", "nowhere", "ws", "relay"]) {
      const response = await fetch(new URL(path, strict.url));
      expect(response.status).toBe(429);
      expect(Number(response.headers.get("retry-after"))).toSatisfy((wait) => wait > 3_000 && wait <= 3_600);
      expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    }
  });

  test("on /ws a page, which would hear nothing of that, is told by a message and a code", async () => {
    const client = knock(strict);
    expect(await client.next()).toEqual({
      type: "error",
      code: "rate-limited",
      message: "too many requests from this address",
      retryAfter: expect.any(Number),
    });
    expect((await client.closed).code).toBe(CloseCode.rateLimited);
  });

  test("do not count for another address", async () => {
    const headers = { "cf-connecting-ip": "192.0.2.7" };
    expect((await fetch(new URL("health", strict.url), { headers })).status).toBe(200);
  });
});

describe("variables that make no sense are named by /health", () => {
  const noCredentials =
    "a turn: address needs either TURN_SERVER_SECRET, or TURN_SERVER_USERNAME and TURN_SERVER_CREDENTIAL";
  const noAddress = "TURN_SERVER_URL must be stun:, turn: or turns: addresses, separated by commas";
  const noNumber = (name: string) => `${name} must be a whole number above 0`;
  const noRelay = (name: string) => `${name} must be wss:// or ws:// addresses, separated by commas`;
  const turn = { TURN_SERVER_URL: "stun:[2001:db8::1], turn:turn.example:3478?transport=udp" };

  test.each<[Record<string, string>, string | undefined]>([
    [{ MAX_CONNECTIONS_PER_ADDRESS: "abc" }, noNumber("MAX_CONNECTIONS_PER_ADDRESS")],
    [{ TURN_SERVER_URL: "https://turn.example" }, noAddress],
    [turn, noCredentials],
    [{ ...turn, TURN_SERVER_USERNAME: "name" }, noCredentials],
    [{ ...turn, TURN_SERVER_SECRET: "secret", TURN_TTL_MS: "1h" }, noNumber("TURN_TTL_MS")],
    [{ SIGN_IN_RELAYS: "https://relay.example" }, noRelay("SIGN_IN_RELAYS")],
    [{ PROFILE_RELAYS: "wss://a.example,wss://" }, noRelay("PROFILE_RELAYS")],
    [{ ...turn, TURN_SERVER_SECRET: "secret" }, undefined],
    [{ ...turn, TURN_SERVER_USERNAME: "name", TURN_SERVER_CREDENTIAL: "secret" }, undefined],
  ])("%j", async (vars, error) => {
    const other = await startEdge({ vars });
    const response = await fetch(new URL("health", other.url));
    expect(response.status).toBe(error ? 503 : 200);
    expect(await response.json()).toEqual(error ? { error } : { status: "ok" });
    await other.close();
  });
});

describe("the version", () => {
  test.each(["/ws", "/ws?v=1"])("%s is spoken", async (path) => {
    await join(edge, { path });
  });

  test.each(["/ws?v=2", "/ws?v=", "/ws?v=1.0", "/ws?v=__proto__"])(
    "%s is not: closed with its code",
    async (path) => {
      const client = knock(edge, { path });
      expect(await client.closed).toEqual({
        code: CloseCode.unsupportedVersion,
        reason: "this server speaks version 1",
      });
    },
  );
});

describe.each([
  ["presence", Presence],
  ["page-settings", PageSettings],
])("/%s", (path, schema) => {
  const asked = (headers: Record<string, string>) => fetch(new URL(path, edge.url), { headers });

  test("may be read by our pages, wherever they are", async () => {
    for (const origin of [OURS, "http://192.0.2.1:3000"]) {
      const response = await asked({ origin });
      expect(response.headers.get("access-control-allow-origin")).toBe(origin);
      expect(response.headers.get("vary")).toBe("origin");
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(v.is(schema, await response.json())).toBe(true);
    }
    expect((await asked({})).headers.get("access-control-allow-origin")).toBe(null);
  });

  test("not by others", async () => {
    expect((await asked({ origin: "https://elsewhere.example" })).status).toBe(403);
  });
});

describe("a page may offer", () => {
  const settings = async (vars: Record<string, string>) => {
    const other = await startEdge({ vars });
    const answer = await (await fetch(new URL("page-settings", other.url))).json();
    await other.close();
    return { answer, own: `ws://${other.url.host}/relay` };
  };

  test("no hidden address without a TURN server, and the relay that is here", async () => {
    const { answer, own } = await settings({ TURN_SERVER_URL: "stun:stun.example", PROFILE_RELAYS: "" });
    expect(answer).toEqual({ hidesAddress: false, relays: [own], profileRelays: [] });
  });

  test("what the operator has, and names", async () => {
    const { answer } = await settings({
      TURN_SERVER_URL: "turn:turn.example",
      TURN_SERVER_SECRET: "secret",
      SIGN_IN_RELAYS: "wss://a.example, wss://b.example/path",
      PROFILE_RELAYS: "ws://c.example:7777",
    });
    expect(answer).toEqual({
      hidesAddress: true,
      relays: ["wss://a.example", "wss://b.example/path"],
      profileRelays: ["ws://c.example:7777"],
    });
  });
});

describe("the origin of a page", () => {
  test("ours, by name or by address, and the page that the edge itself serves", async () => {
    for (const origin of [OURS, "http://192.0.2.1:3000", edge.url.origin])
      await join(edge, { headers: { origin } });
  });

  test("none, as programs that are no browser have none", async () => {
    await join(edge);
  });

  test.each(["https://elsewhere.example", `${OURS}.elsewhere.example`, "http://satoshigle.example", "null"])(
    "%s: refused",
    async (origin) => {
      expect(await refusal({ origin })).toBe(403);
    },
  );
});
