import { DurableObject } from "cloudflare:workers";

/** Says which lobby of a region takes a new connection, and how many connections an address holds. */
export class Directory extends DurableObject<Env> {}
