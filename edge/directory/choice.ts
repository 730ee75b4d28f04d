/** Which lobby of a region takes the next connection, and which one is given up. Pure. */

export type LobbyState =
  /** Takes new connections. */
  | "open"
  /** Too many for the traffic: fills no more. */
  | "closing"
  /** The operator's word: no new connections, no new matches. */
  | "drained";

export type LobbyView = { number: number; state: LobbyState; sockets: number; searchesPerSecond: number };

/** Above 0. A lobby that has reached one of them is full. */
export type Limits = { sockets: number; searchesPerSecond: number };

/**
 * The number of the lobby with the fewest sockets among the open ones that are not full. If there is none: of the
 * oldest that is closing, which is open again then; or the lowest that no lobby has yet, for a new one.
 */
export function lobbyFor(lobbies: LobbyView[], limits: Limits): number {
  const withSpace = lobbies.filter((lobby) => fill(lobby, limits) < 1);
  const open = withSpace.filter(({ state }) => state === "open");
  const closing = withSpace.filter(({ state }) => state === "closing");
  const chosen = best(open, emptier) ?? best(closing, older);
  return chosen?.number ?? firstUnused(lobbies);
}

/**
 * The number of the youngest open lobby, if the other open ones could take what all have now and be half full. Between
 * opening one (all are full) and this there is half the traffic, so that no lobby opens and closes in turn.
 */
export function lobbyToClose(lobbies: LobbyView[], limits: Limits): number | undefined {
  const open = lobbies.filter(({ state }) => state === "open");
  const load = open.reduce((sum, lobby) => sum + fill(lobby, limits), 0);
  return open.length > 1 && load <= (open.length - 1) / 2 ? best(open, younger)?.number : undefined;
}

/** 1 and above: full. */
const fill = (lobby: LobbyView, limits: Limits): number =>
  Math.max(lobby.sockets / limits.sockets, lobby.searchesPerSecond / limits.searchesPerSecond);

const older = (a: LobbyView, b: LobbyView): number => a.number - b.number;
const younger = (a: LobbyView, b: LobbyView): number => b.number - a.number;
const emptier = (a: LobbyView, b: LobbyView): number => a.sockets - b.sockets || older(a, b);

const best = (lobbies: LobbyView[], order: (a: LobbyView, b: LobbyView) => number): LobbyView | undefined =>
  lobbies.toSorted(order)[0];

function firstUnused(lobbies: LobbyView[]): number {
  const used = new Set(lobbies.map(({ number }) => number));
  let number = 1;
  while (used.has(number)) number += 1;
  return number;
}
