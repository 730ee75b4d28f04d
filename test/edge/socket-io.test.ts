import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { CloseCode } from "../../protocol/close-codes.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { search, withdrawAll } from "./client.ts";
import { DIRECTORY, LOBBY } from "./names.ts";
import { ADMIN_TOKEN, ask, lobbiesOf } from "./operator.ts";
import { endAll, type Options, type Player, play, VERSIONS, type Version } from "./socket-io-client.ts";

const OURS = "https://satoshigle.example";
const OFFER = { type: "offer", sdp: "v=0\r\n" };
const ANSWER = { type: "answer", sdp: "v=0\r\n" };
const CANDIDATE = { candidate: "candidate:1 1 udp 1 192.0.2.1 9 typ host", sdpMid: "0", sdpMLineIndex: 0 };
const DONE = { ok: true };

let edge: Edge;
beforeAll(async () => {
  const vars = {
    CLIENT_URL: OURS,
    MAX_CONNECTIONS_PER_ADDRESS: "100",
    MAX_DISCONNECTION_DURATION_MS: "500",
  };
  edge = await startEdge({ vars });
});
afterEach(async () => {
  endAll();
  await withdrawAll();
});
afterAll(() => edge.close());

const searching = (options?: Options): Promise<Player> => searchingAt(edge, options);

async function searchingAt(where: Edge, options?: Options): Promise<Player> {
  const player = await play(where, options);
  player.emit("start-search");
  expect(await player.next()).toEqual(["waiting-for-peer"]);
  return player;
}

type Ready = { roomId: string; isInitiator: boolean; peerId: string };

async function ready(player: Player, isInitiator: boolean): Promise<Ready> {
  const event = await player.next();
  expect(event).toEqual([
    "match-ready",
    { roomId: expect.any(String), isInitiator, peerId: expect.any(String) },
  ]);
  return event[1] as Ready;
}

/** Two who are matched; the first waited longer. */
async function meet(options?: Options) {
  const first = await searching(options);
  const second = await searching(options);
  const { roomId, peerId: secondId } = await ready(first, true);
  const { peerId: firstId } = await ready(second, false);
  expect(firstId).not.toBe(secondId);
  return { first, second, firstId, secondId, roomId };
}

describe.each(Object.keys(VERSIONS) as Version[])("socket.io-client %s", (version) => {
  test.each([
    { transports: ["websocket"] },
    { transports: ["websocket", "polling"] },
    { transports: ["polling", "websocket"] },
  ])("$transports: they meet, talk, play and part", async ({ transports }) => {
    const { first, second, firstId, secondId, roomId } = await meet({ version, transports });
    expect(await first.ask("match-ready", { matchId: roomId })).toEqual(DONE);

    first.emit("signal", { roomId, description: OFFER });
    expect(await second.next()).toEqual(["signal", { roomId, description: OFFER }]);
    second.emit("signal", { roomId, description: ANSWER });
    second.emit("signal", { roomId, candidate: CANDIDATE });
    expect(await first.next()).toEqual(["signal", { roomId, description: ANSWER }]);
    expect(await first.next()).toEqual(["signal", { roomId, candidate: CANDIDATE }]);

    first.emit("join-chat", { roomId });
    expect(await first.next()).toEqual(["chat-joined", { roomId, userCount: 2 }]);
    const line = { id: "1", senderId: "anybody", senderName: "Ann", content: "hello" };
    first.emit("typing-start", { roomId });
    first.emit("typing-stop", { roomId });
    expect(await first.ask("chat-message", { roomId, message: line })).toEqual(DONE);
    expect(await second.next()).toEqual(["typing-start", { userId: firstId }]);
    expect(await second.next()).toEqual(["typing-stop", { userId: firstId }]);
    expect(await second.next()).toEqual([
      "chat-message",
      { roomId, message: { ...line, senderId: firstId } },
    ]);

    second.emit("join-game-room", { roomId });
    expect(await second.next()).toEqual(["game-room-joined", { roomId, partnerId: firstId }]);
    const game = "chess";
    const played: [string, object][] = [
      ["game-invite", { game, settings: { minutes: 5 }, roomId }],
      ["game-response", { game, accepted: true, roomId }],
      ["game-action", { game, type: "move", data: { from: "e2", to: "e4" }, roomId }],
    ];
    for (const [name, payload] of played) {
      second.emit(name, payload);
      expect(await first.next()).toEqual([name, payload]);
    }

    second.emit("stop-search");
    expect(await first.next()).toEqual(["chat-user-left", { userId: secondId }]);
    expect(await first.next()).toEqual(["peer-disconnected"]);
    await first.expectNothingMore();
    await second.expectNothingMore();
  });
});

test("a skip: both are in the queue again, the partner in front", async () => {
  const { first, second } = await meet();
  first.emit("skip");
  expect(await first.next()).toEqual(["waiting-for-peer"]);
  expect(await second.next()).toEqual(["peer-skipped"]);
  await first.expectNothingMore();
  await second.expectNothingMore();
  const third = await searching();
  await ready(second, true);
  await ready(third, false);
  await first.expectNothingMore();
});

test("a drop that outlives the window, and one who says goodbye", async () => {
  const dropped = await meet();
  dropped.second.socket.io.engine.close();
  expect(await dropped.first.next()).toEqual(["peer-disconnected"]);
  expect(await dropped.first.next()).toEqual(["waiting-for-peer"]);
  const other = await searching();
  await ready(dropped.first, true);
  await ready(other, false);
  other.socket.disconnect();
  expect(await dropped.first.next()).toEqual(["peer-disconnected"]);
  expect(await dropped.first.next()).toEqual(["waiting-for-peer"]);
});

test("what somebody asks about themself", async () => {
  const player = await searching();
  player.emit("debug-state");
  expect(await player.next()).toEqual([
    "debug-info",
    {
      state: "waiting",
      inWaitingQueue: true,
      queuePosition: 1,
      waitingQueueSize: 1,
      totalUsers: expect.any(Number),
    },
  ]);
});

test("a stranger who guesses a room gets an error, and nothing else", async () => {
  const { first, second, roomId } = await meet();
  const stranger = await play(edge);
  const refused = ["connection-error", { message: "this is not your match" }];
  const attempts: [string, object][] = [
    ["signal", { roomId, description: OFFER }],
    ["match-ready", { matchId: roomId }],
    ["join-chat", { roomId }],
    ["chat-message", { roomId, message: { id: "1", senderId: "1", senderName: "x", content: "x" } }],
    ["typing-start", { roomId }],
    ["join-game-room", { roomId }],
    ["game-action", { roomId, game: "chess", type: "move" }],
  ];
  for (const [name, payload] of attempts) {
    const answer = stranger.ask(name, payload);
    expect(await stranger.next()).toEqual(refused);
    expect(await answer).toEqual({ ok: false, message: "this is not your match" });
  }
  await first.expectNothingMore();
  await second.expectNothingMore();
});

test("somebody at one door meets somebody at the other", async () => {
  const player = await searching();
  const native = await search(edge);
  const { roomId, peerId } = await ready(player, true);
  const { matchId, role } = await native.expect("matched");
  expect({ matchId, role }).toEqual({ matchId: roomId, role: "polite" });

  player.emit("signal", { roomId, candidate: CANDIDATE });
  expect(await native.next()).toEqual({ type: "signal", matchId, candidates: [CANDIDATE] });
  native.say({ type: "signal", matchId, candidates: [CANDIDATE, { candidate: "" }] });
  expect(await player.next()).toEqual(["signal", { roomId, candidate: CANDIDATE }]);
  expect(await player.next()).toEqual(["signal", { roomId, candidate: { candidate: "" } }]);

  player.emit("chat-message", {
    roomId,
    message: { id: "1", senderId: "x", senderName: "Ann", content: "hi" },
  });
  expect(await native.next()).toEqual({ type: "chat", matchId, id: "1", text: "hi", name: "Ann" });
  native.say({ type: "chat", matchId, id: "2", text: "hello" });
  const message = { id: "2", senderId: peerId, senderName: "Stranger", content: "hello" };
  expect(await player.next()).toEqual(["chat-message", { roomId, message }]);

  native.say({ type: "app", matchId, app: "chess", event: "move", data: "e4" });
  expect(await player.next()).toEqual(["game-action", { game: "chess", type: "move", data: "e4", roomId }]);
  player.emit("skip");
  expect(await native.next()).toEqual({ type: "ended", matchId, reason: "skipped" });
  expect(await native.next()).toEqual({ type: "waiting" });
  expect(await player.next()).toEqual(["waiting-for-peer"]);
});

describe("the door itself", () => {
  test("an origin that is not ours", async () => {
    await play(edge, { headers: { origin: OURS } });
    await expect(play(edge, { headers: { origin: "https://elsewhere.example" } })).rejects.toThrow(
      "websocket error",
    );
  });

  test.each([
    ["EIO=3&transport=polling", 400, { code: 5, message: "Unsupported protocol version" }],
    ["EIO=4&transport=carrier", 400, { code: 0, message: "Transport unknown" }],
    ["EIO=4&transport=websocket", 400, { code: 3, message: "Bad request" }],
  ])("%s: %i", async (query, status, problem) => {
    const response = await fetch(new URL(`socket.io/?${query}`, edge.url));
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual(problem);
  });

  test("a page of ours may poll from its own origin, another may not", async () => {
    const url = new URL("socket.io/?EIO=4&transport=polling", edge.url);
    const ours = await fetch(url, { headers: { origin: OURS } });
    expect(ours.headers.get("access-control-allow-origin")).toBe(OURS);
    expect(await ours.text()).toMatch(/^0\{"sid":.*"upgrades":\["websocket"\]/);
    expect((await fetch(url, { headers: { origin: "https://elsewhere.example" } })).status).toBe(403);
  });

  test("frames that mean nothing, over and over, end the connection, and no one else's", async () => {
    const { first, second } = await meet();
    const hostile = await play(edge);
    for (let i = 0; i < 10; i += 1) hostile.emit("no such event");
    for (let i = 0; i < 10; i += 1) expect((await hostile.next())[0]).toBe("connection-error");
    expect((await hostile.next())[0]).toBe("disconnect");
    await first.expectNothingMore();
    await second.expectNothingMore();
  });
});

test("a lobby that is drained sends those away who wait, as it cannot tell them where to go; a match goes on", async () => {
  const other = await startEdge({ vars: { ADMIN_TOKEN } });
  const first = await searchingAt(other);
  const second = await searchingAt(other);
  const { roomId } = await ready(first, true);
  await ready(second, false);
  const alone = await searchingAt(other);
  await ask(other, "admin/drain", { method: "POST", body: { lobby: LOBBY, on: true } });
  expect(await alone.next()).toEqual(["disconnect", "transport close"]);
  first.emit("signal", { roomId, description: OFFER });
  expect(await second.next()).toEqual(["signal", { roomId, description: OFFER }]);
  await searchingAt(other);
  const sockets = async () => (await lobbiesOf(other, DIRECTORY)).map((lobby) => lobby.sockets);
  await expect.poll(sockets).toEqual([2, 1]);
  await other.close();
});

describe("pings", () => {
  let strict: Edge;
  beforeAll(async () => {
    strict = await startEdge({ vars: { CONNECTION_TIMEOUT_MS: "3000" } });
  });
  afterAll(() => strict.close());

  const twoPings = async ({ socket }: Player) => {
    for (let i = 0; i < 2; i += 1) await new Promise<void>((resolve) => socket.io.once("ping", resolve));
  };

  test("who answers them is there, also for a lobby that has forgotten everything", async () => {
    const player = await play(strict);
    player.emit("start-search");
    expect(await player.next()).toEqual(["waiting-for-peer"]);
    await twoPings(player);
    await strict.evict("Lobby", LOBBY);
    const native = await search(strict);
    await native.expect("matched");
    await ready(player, true);
  });

  test("who does not answer is nobody's stranger", async () => {
    const clock = await play(strict);
    const url = new URL("socket.io/?EIO=4&transport=websocket", strict.url);
    const mute = new WebSocket(url.href.replace("http", "ws"));
    const closed = once(mute, "close");
    await once(mute, "open");
    mute.send("40");
    mute.send('42["start-search"]');
    await twoPings(clock);
    const native = await search(strict);
    await native.expectNothingMore();
    expect((await closed)[0]).toBe(CloseCode.silent);
  });
});
