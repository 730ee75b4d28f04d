/** How two browsers find a way to each other, or through a server between them: STUN and TURN (RFC 8489, 8656). */
import { hmac } from "@noble/hashes/hmac.js";
import { sha1 } from "@noble/hashes/legacy.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { IceServer } from "../protocol/messages.ts";

export type IceSettings = { stun: string[]; turn?: { urls: string[] } & TurnCredentials };

/** `lifetime`, in milliseconds, is that of the credentials which are made with the secret. */
export type TurnCredentials = { secret: string; lifetime: number } | { username: string; credential: string };

/**
 * What a person gives to RTCPeerConnection as `iceServers`; empty if the operator runs no server.
 * Synchronous, so that the messages of a lobby keep their order.
 *
 * @param person names whom credentials of a shared secret are for: the server counts its quota by it
 * @param now milliseconds
 */
export function iceServers({ stun, turn }: IceSettings, person: string, now: number): IceServer[] {
  return [
    ...(stun.length > 0 ? [{ urls: stun }] : []),
    ...(turn ? [{ urls: turn.urls, ...credentials(turn, person, now) }] : []),
  ];
}

/**
 * With a shared secret, as coturn's `use-auth-secret` checks them: the name says in Unix seconds until when they hold,
 * the credential is the name's HMAC-SHA1 in base64 (draft-uberti-behave-turn-rest-00, section 2.2).
 */
function credentials(turn: TurnCredentials, person: string, now: number) {
  if ("credential" in turn) return { username: turn.username, credential: turn.credential };
  const username = `${Math.floor((now + turn.lifetime) / 1_000)}:${person}`;
  const mac = hmac(sha1, utf8ToBytes(turn.secret), utf8ToBytes(username));
  return { username, credential: btoa(String.fromCharCode(...mac)) };
}
