/**
 * Why the server closed a WebSocket, as a private close code (RFC 6455, section 7.4.2).
 * A client may reconnect after those below 4500; above, doing the same again meets the same answer.
 */
export const CloseCode = {
  /** The server restarts, or sheds this connection: come back. */
  goingAway: 4000,
  /** Your place is kept in another lobby: go there, as `move` said. */
  moved: 4002,
  /** No ping and no message for too long: come back. */
  silent: 4008,
  /** Too many messages or connections in too short a time: come back after a pause. */
  rateLimited: 4029,
  /** The query's `v` is a protocol version that this server does not speak. */
  unsupportedVersion: 4501,
  /** Frames that are not messages of the protocol, over and over. */
  badMessages: 4502,
  /** Banned: the operator's word, or that of several people. */
  banned: 4503,
  /** Another socket has resumed this session. */
  replaced: 4504,
  /** A frame above the size limit. */
  tooLarge: 4513,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];
