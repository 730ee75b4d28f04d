/**
 * What is said on `/ws`: JSON text frames, one message each, told apart by `type`: client-messages.ts, and in answer
 * server-messages.ts. `ping` (the bare word, not JSON) is answered with `pong` by the runtime without waking the lobby.
 */
export { ClientMessage, type Mode, type PeerMessage } from "./client-messages.ts";
export { type EndReason, type ErrorCode, PROTOCOL_VERSION, ServerMessage } from "./server-messages.ts";
export type { IceServer, Role } from "./webrtc.ts";

export const HEARTBEAT = { request: "ping", response: "pong", seconds: 30 } as const;

/** Characters (UTF-16 units) of one frame that are read at all; what is longer is refused unread. */
export const MAX_MESSAGE_LENGTH = 65_536;
