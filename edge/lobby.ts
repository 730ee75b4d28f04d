import { DurableObject } from "cloudflare:workers";

/** A matchmaking room and a signaling hub: holds sockets, pairs their tickets, relays between the two of a pair. */
export class Lobby extends DurableObject<Env> {}
