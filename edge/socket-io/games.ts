/**
 * The games of Socket.IO clients are apps of the protocol: `invite` with the settings, `response` with whether it is
 * accepted, `action` with its type and data. What other clients send in an app's name is an action too.
 */
import * as v from "valibot";
import type { PeerMessage } from "../../protocol/messages.ts";
import type { ClientEvent } from "./client-events.ts";
import type { Event } from "./packets.ts";

export type GameEvent = Extract<ClientEvent, { name: `game-${string}` }>;
export type AppMessage = Extract<PeerMessage, { type: "app" }>;

const Action = v.strictObject({ type: v.string(), data: v.exactOptional(v.unknown()) });

/** The message, yet to be checked. */
export function appOf({ name, payload }: GameEvent): object {
  const { roomId: matchId, game: app } = payload;
  const message = { type: "app", matchId, app };
  switch (name) {
    case "game-invite":
      return { ...message, event: "invite", ...given("data", payload.settings) };
    case "game-response":
      return { ...message, event: "response", data: payload.accepted };
    case "game-action":
      return { ...message, event: "action", data: { type: payload.type, ...given("data", payload.data) } };
  }
}

export function gameOf({ matchId: roomId, app: game, event, data }: AppMessage): Event {
  if (event === "invite") return ["game-invite", { game, ...given("settings", data), roomId }];
  if (event === "response" && typeof data === "boolean")
    return ["game-response", { game, accepted: data, roomId }];
  const action = event === "action" && v.is(Action, data) ? data : { type: event, ...given("data", data) };
  return ["game-action", { game, ...action, roomId }];
}

/** JSON has no `undefined`. */
const given = (key: string, value: unknown): object => (value === undefined ? {} : { [key]: value });
