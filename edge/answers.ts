/** What the edge says over plain HTTP: JSON, uncached, with headers that leave a browser nothing to misread. */
import type { CloseCode } from "../protocol/close-codes.ts";
import type { ServerMessage } from "../protocol/messages.ts";

const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=31536000",
  "x-content-type-options": "nosniff",
};

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  Response.json(body, { status, headers: { ...SECURITY_HEADERS, ...headers } });

/** @param type its media type */
export const text = (
  status: number,
  body: string,
  type: string,
  headers: Record<string, string> = {},
): Response =>
  new Response(body, { status, headers: { ...SECURITY_HEADERS, "content-type": type, ...headers } });

export const failure = (status: number, error: string, headers: Record<string, string> = {}): Response =>
  json(status, { error }, headers);

/** Nothing to say, but headers. */
export const noContent = (headers: Record<string, string>): Response =>
  new Response(null, { status: 204, headers: { ...SECURITY_HEADERS, ...headers } });

/** Opens a WebSocket only to say why not: a browser tells its page nothing of an HTTP answer. */
export function turnAway(code: CloseCode, reason: string, message?: ServerMessage): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  if (message) server.send(JSON.stringify(message));
  server.close(code, reason);
  return new Response(null, { status: 101, webSocket: client });
}
