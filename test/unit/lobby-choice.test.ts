import fc from "fast-check";
import { expect, test } from "vitest";
import { type LobbyView, lobbyFor, lobbyToClose } from "../../edge/directory/choice.ts";

const LIMITS = { sockets: 10, searchesPerSecond: 4 };

const lobby = (number: number, sockets: number, more: Partial<LobbyView> = {}): LobbyView => ({
  number,
  state: "open",
  sockets,
  searchesPerSecond: 0,
  ...more,
});

const isFull = ({ sockets, searchesPerSecond }: LobbyView) =>
  sockets >= LIMITS.sockets || searchesPerSecond >= LIMITS.searchesPerSecond;

const region = fc.uniqueArray(
  fc.record({
    number: fc.integer({ min: 1, max: 12 }),
    state: fc.constantFrom("open", "closing", "drained"),
    sockets: fc.integer({ min: 0, max: 14 }),
    searchesPerSecond: fc.integer({ min: 0, max: 6 }),
  }),
  { selector: ({ number }) => number },
);

test.each([
  ["nobody yet: the first", [], 1],
  ["the emptiest", [lobby(1, 5), lobby(2, 3), lobby(3, 4)], 2],
  ["the older of two that are as empty", [lobby(2, 3), lobby(1, 3)], 1],
  ["not one that is full of searches", [lobby(1, 1, { searchesPerSecond: 4 }), lobby(2, 9)], 2],
  ["all full: the next", [lobby(1, 10), lobby(2, 10)], 3],
  ["all full: a number that is free again", [lobby(1, 10), lobby(3, 10)], 2],
  ["all full: one that was closing", [lobby(1, 10), lobby(2, 2, { state: "closing" })], 2],
  ["never one that is drained", [lobby(1, 0, { state: "drained" })], 2],
] as const)("%s", (_, lobbies, number) => {
  expect(lobbyFor([...lobbies], LIMITS)).toBe(number);
});

test("whatever a region looks like, the choice is open and not full, reopened or new, in this order", () => {
  fc.assert(
    fc.property(region, (lobbies) => {
      const number = lobbyFor(lobbies, LIMITS);
      const chosen = lobbies.find((each) => each.number === number);
      const open = lobbies.filter((each) => each.state === "open" && !isFull(each));
      if (open.length > 0) {
        expect(chosen?.state).toBe("open");
        expect(chosen?.sockets).toBe(Math.min(...open.map(({ sockets }) => sockets)));
      } else if (chosen) {
        expect(chosen.state).toBe("closing");
        expect(isFull(chosen)).toBe(false);
      } else expect(lobbies.some((each) => each.state === "closing" && !isFull(each))).toBe(false);
    }),
  );
});

test("the one that closes is the youngest, and the others are half full at most when they have taken its people", () => {
  fc.assert(
    fc.property(region, (lobbies) => {
      const number = lobbyToClose(lobbies, LIMITS);
      if (number === undefined) return;
      const open = lobbies.filter(({ state }) => state === "open");
      expect(number).toBe(Math.max(...open.map((each) => each.number)));
      const sockets = open.reduce((sum, each) => sum + each.sockets, 0);
      expect(sockets / (open.length - 1)).toBeLessThanOrEqual(LIMITS.sockets / 2);
    }),
  );
});

test("a lobby that has just been opened does not close, and one that closes is not missed", () => {
  fc.assert(
    fc.property(region, (lobbies) => {
      const opened = lobbyFor(lobbies, LIMITS);
      if (!lobbies.some(({ number }) => number === opened))
        expect(lobbyToClose([...lobbies, lobby(opened, 0)], LIMITS)).toBeUndefined();
      const closed = lobbyToClose(lobbies, LIMITS);
      const rest = lobbies.map((each) =>
        each.number === closed ? { ...each, state: "closing" as const } : each,
      );
      if (closed !== undefined)
        expect(rest.find(({ number }) => number === lobbyFor(rest, LIMITS))?.state).toBe("open");
    }),
  );
});

test("people who come one after another fill the lobbies evenly, and as few as possible", () => {
  const lobbies: LobbyView[] = [];
  for (let people = 1; people <= 95; people += 1) {
    const number = lobbyFor(lobbies, LIMITS);
    const chosen = lobbies.find((each) => each.number === number);
    if (chosen) chosen.sockets += 1;
    else lobbies.push(lobby(number, 1));
    expect(lobbies.length).toBe(Math.ceil(people / LIMITS.sockets));
  }
});
