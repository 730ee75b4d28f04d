/**
 * The typed client, for any page: meets strangers through the edge at an address.
 *
 *     import { connect } from "https://satoshigle.example/client.js";
 *     const visit = connect("https://satoshigle.example");
 *     visit.on("call", (call) => {
 *       call.on("chat", ({ text }) => console.log(text));
 *       call.say("Hello");
 *     });
 *     visit.search({ mode: "text" });
 */
import { PeerCall } from "./call.ts";
import { LiveVisit } from "./live-visit.ts";
import { realTiming } from "./timing.ts";
import type { Visit } from "./visit.ts";

export type { ErrorCode, Mode } from "../../protocol/messages.ts";
export type { NostrEvent, UnsignedEvent } from "../../protocol/nostr.ts";
export type { Call, CallEvents, ChatLine, EndOfCall, Media, Quality } from "./call.ts";
export type { Sign } from "./proof.ts";
export type { Connection, Visit, VisitEvents } from "./visit.ts";
export type { Wish } from "./wish.ts";

/**
 * Opens a connection, and sees to it that there is one for as long as the visit lasts.
 *
 * @param url of the edge: http(s) or ws(s); the path does not matter
 * @param options `hideAddress`: strangers see the address of a TURN server, not this side's; where the edge has none,
 *   no call comes about
 * @throws TypeError if the address is none
 */
export function connect(url: string | URL, { hideAddress = false } = {}): Visit {
  return new LiveVisit(socketAddress(url), hideAddress, {
    timing: realTiming,
    makeCall: (match, host) => new PeerCall(match, host),
    page: typeof addEventListener === "function" ? globalThis : undefined,
  });
}

function socketAddress(url: string | URL): URL {
  const address = new URL("/ws", url);
  address.protocol = address.protocol.replace(/^http/, "ws");
  if (!/^wss?:$/.test(address.protocol)) throw new TypeError(`no address of an edge: ${url}`);
  return address;
}
