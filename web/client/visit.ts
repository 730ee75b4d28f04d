/** A visit, from the first search to the goodbye, over many matches: what a page has of it. */
import type { ErrorCode } from "../../protocol/messages.ts";
import type { Call } from "./call.ts";
import type { Connection } from "./line.ts";
import type { Sign } from "./proof.ts";
import type { Wish } from "./wish.ts";

export type { Connection } from "./line.ts";

export interface VisitEvents {
  connection(connection: Connection): void;
  state(state: Visit["state"]): void;
  /** A new match; to be listened on at once. */
  call(call: Call): void;
  /** What `npub` is now. */
  identity(npub: string | null): void;
  /** The server has not done something; `retryAfter` in seconds. What the visit itself answers is not told. */
  refused(error: { code: ErrorCode; message: string; retryAfter?: number }): void;
}

export interface Visit {
  readonly connection: Connection;
  /** `matched` for as long as there is a call, also one that goes on without the server. */
  readonly state: "idle" | "waiting" | "matched";
  readonly call: Call | undefined;
  /** Who this side has proven to be to the server. */
  readonly npub: string | null;
  /** Of the next call: strangers see the address of a TURN server, not this side's. */
  hideAddress: boolean;
  /**
   * Looks for the next stranger, by the last wish if there is no other; ends the call that there is, whose partner
   * is in the queue again too. Opens a connection where there is none.
   */
  search(wish?: Wish): void;
  /** No more strangers for now. A partner hears that this side stopped, and is not in the queue by that. */
  stop(): void;
  /** Goodbye. A search is a new visit. */
  close(): void;
  /**
   * Proves on this connection, and on each later one that has lost the place, who this is (kind 22242, NIP-42).
   * Returns the npub. Waits for a connection where there is none: `search` opens one.
   *
   * @throws what `sign` throws; an Error whose message is an error code (`auth-failed`, `banned`, `unavailable`), or
   *   `signed-out`
   */
  authenticate(sign: Sign): Promise<string>;
  /** Nobody from now on: with a goodbye if the server knew. */
  signOut(): void;
  on<E extends keyof VisitEvents>(event: E, listener: VisitEvents[E]): () => void;
}
