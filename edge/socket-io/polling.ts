/**
 * Engine.IO 4 over plain HTTP, as far as it leads to a WebSocket. A client that begins by polling, which is the
 * default, is told that it may go on to a WebSocket, and does so at once. Until then there is nothing to tell it, and
 * all that it has to say is its CONNECT, which is taken as said (door.ts). So polling keeps nothing and asks no object.
 */
import { json, text } from "../answers.ts";
import { corsFor } from "../origins.ts";
import { noopFrame, openFrame } from "./packets.ts";

/** What Engine.IO answers to a request that makes no sense. */
const PROBLEMS = {
  transport: { code: 0, message: "Transport unknown" },
  method: { code: 2, message: "Bad handshake method" },
  request: { code: 3, message: "Bad request" },
  version: { code: 5, message: "Unsupported protocol version" },
} as const;

/**
 * The answer to a request that does not open a WebSocket, or not a good one; undefined: it does.
 *
 * @param connectionTimeout milliseconds after which a silent connection is given up
 */
export function answerPolling(request: Request, connectionTimeout: number): Response | undefined {
  const query = new URL(request.url).searchParams;
  const wantsSocket = request.headers.get("upgrade")?.toLowerCase() === "websocket";
  const problem = problemOf(request.method, query, wantsSocket);
  const cors = corsFor(request);
  if (problem) return json(400, PROBLEMS[problem], cors);
  if (wantsSocket) return undefined;
  const say = (frame: string) => text(200, frame, "text/plain; charset=UTF-8", cors);
  if (request.method === "POST") return say("ok");
  return say(query.has("sid") ? noopFrame() : openFrame(["websocket"], connectionTimeout));
}

function problemOf(
  method: string,
  query: URLSearchParams,
  wantsSocket: boolean,
): keyof typeof PROBLEMS | undefined {
  const transport = query.get("transport");
  if (query.get("EIO") !== "4") return "version";
  if (transport !== "polling" && transport !== "websocket") return "transport";
  if ((transport === "websocket") !== wantsSocket) return "request";
  return method === "POST" && !query.has("sid") ? "method" : undefined;
}
