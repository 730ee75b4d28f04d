/** The operator, as the edge meets them. */
import type { Edge } from "../support/edge.ts";

export const ADMIN_TOKEN = "a token of the operator";

type Question = { method?: string; body?: unknown; headers?: Record<string, string> };

export const ask = (edge: Edge, path: string, { method = "GET", body, headers }: Question = {}) =>
  fetch(new URL(path, edge.url), {
    method,
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

export type ListedLobby = {
  lobby: string;
  state: string;
  sockets: number;
  absent: number;
  waiting: { video: number; text: number };
};

/** What the operator is shown of a region, by number. */
export async function lobbiesOf(edge: Edge, region: string): Promise<ListedLobby[]> {
  const answer = await ask(edge, "admin/lobbies");
  const { lobbies } = (await answer.json()) as { lobbies: ListedLobby[] };
  return lobbies.filter(({ lobby }) => lobby.startsWith(`${region}/`));
}

/** How many sockets each lobby of a region has. */
export const socketsOf = async (edge: Edge, region: string): Promise<Record<string, number>> =>
  Object.fromEntries((await lobbiesOf(edge, region)).map(({ lobby, sockets }) => [lobby, sockets]));

/** What /metrics says of a lobby, but for what has more labels than that. */
export async function figureOf(edge: Edge, lobby: string, name: string): Promise<number> {
  const text = await (await ask(edge, "metrics")).text();
  const [, value] = new RegExp(`^satoshigle_lobby_${name}{lobby="${lobby}"} ([\\d.]+)`, "m").exec(text) ?? [];
  return Number(value);
}

/** When a lobby came into memory (milliseconds). */
export const startOf = async (edge: Edge, lobby: string): Promise<number> =>
  (await figureOf(edge, lobby, "start_time_seconds")) * 1_000;
