/** The messages of the protocol by the name of their type. */
import type { ClientMessage, ServerMessage } from "../../protocol/messages.ts";

export type Said<T extends ClientMessage["type"]> = Extract<ClientMessage, { type: T }>;
export type Told<T extends ServerMessage["type"]> = Extract<ServerMessage, { type: T }>;
