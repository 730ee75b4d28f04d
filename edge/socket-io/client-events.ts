/** What a Socket.IO client emits, by name, as messages of the protocol. */
import * as v from "valibot";

const Ignored = v.unknown();
const room = { roomId: v.string() };

const event = <const Name extends string, Payload extends v.GenericSchema>(name: Name, payload: Payload) =>
  v.strictObject({ name: v.literal(name), payload });

/** Shapes only: how long and how deep the rest may be, says the message that it becomes. */
export const ClientEvent = v.variant("name", [
  event("start-search", Ignored),
  event("skip", Ignored),
  event("stop-search", Ignored),
  event("debug-state", Ignored),
  event("match-ready", v.strictObject({ matchId: v.string() })),
  event(
    "signal",
    v.strictObject({
      ...room,
      description: v.exactOptional(v.unknown()),
      candidate: v.exactOptional(v.unknown()),
    }),
  ),
  event("join-chat", v.strictObject(room)),
  event(
    "chat-message",
    v.strictObject({
      ...room,
      message: v.strictObject({
        id: v.unknown(),
        senderId: v.exactOptional(v.unknown()),
        senderName: v.exactOptional(v.unknown()),
        content: v.unknown(),
      }),
    }),
  ),
  event("typing-start", v.strictObject(room)),
  event("typing-stop", v.strictObject(room)),
  event("join-game-room", v.strictObject(room)),
  event(
    "game-invite",
    v.strictObject({ ...room, game: v.unknown(), settings: v.exactOptional(v.unknown()) }),
  ),
  event("game-response", v.strictObject({ ...room, game: v.unknown(), accepted: v.boolean() })),
  event(
    "game-action",
    v.strictObject({ ...room, game: v.unknown(), type: v.string(), data: v.exactOptional(v.unknown()) }),
  ),
]);
export type ClientEvent = v.InferOutput<typeof ClientEvent>;

/** Undefined: there is no such event, or not with such arguments. */
export function readEvent(name: string, args: unknown[]): ClientEvent | undefined {
  if (args.length > 1) return undefined;
  const { success, output } = v.safeParse(ClientEvent, { name, payload: args[0] });
  return success ? output : undefined;
}

/** The match that an event is about, if it names one. */
export function roomOf(event: ClientEvent): string | undefined {
  switch (event.name) {
    case "start-search":
    case "skip":
    case "stop-search":
    case "debug-state":
      return undefined;
    case "match-ready":
      return event.payload.matchId;
    default:
      return event.payload.roomId;
  }
}
