/** Who this side proves to be (docs/protocol.md, "Signing in"): on each connection that does not know it yet. */
import { safeParse } from "valibot";
import { CLIENT_AUTH, NostrEvent, type UnsignedEvent } from "../../protocol/nostr.ts";
import type { Said, Told } from "./messages.ts";
import type { Timing } from "./timing.ts";

/** Signs an event as NIP-07 and NIP-46 do: with id, pubkey and signature. */
export type Sign = (draft: UnsignedEvent) => Promise<NostrEvent>;

type Auth = Said<"auth">;
type Asker = { resolve(npub: string): void; reject(error: Error): void };

export type ProofWays = { say(auth: Auth): void; changed(npub: string | null): void };

/** What an `auth` can be answered with beside `authenticated`. */
const REFUSALS = ["auth-failed", "banned", "unavailable"];

export class Proof {
  /** Proven to the server. */
  npub: string | null = null;
  readonly #relay: string;
  readonly #timing: Timing;
  readonly #ways: ProofWays;
  #sign: Sign | undefined;
  #asker: Asker | undefined;
  #challenge: string | undefined;
  /** What the server has not answered yet. */
  #said: Auth | undefined;
  #callOff: (() => void) | undefined;

  /** @param relay the address under which the server was reached, for the tag of that name */
  constructor(relay: string, timing: Timing, ways: ProofWays) {
    this.#relay = relay;
    this.#timing = timing;
    this.#ways = ways;
  }

  /** Whether the server knows, or is about to know, who this is. */
  get isGiven(): boolean {
    return this.npub !== null || this.#said !== undefined;
  }

  /** Proves it now, or as soon as there is a connection. @throws what `sign` throws, or an Error named by the code */
  prove(sign: Sign): Promise<string> {
    this.forget();
    this.#sign = sign;
    return new Promise((resolve, reject) => {
      this.#asker = { resolve, reject };
      if (this.#challenge !== undefined) this.#answer(sign, this.#challenge);
    });
  }

  /** Whoever was to be proven is not, any more. */
  forget(): void {
    this.#sign = undefined;
    this.#end();
    this.#know(null);
    this.#asker?.reject(new Error("signed-out"));
    this.#asker = undefined;
  }

  /** There is a connection, with this challenge, on which the server takes this side for `npub`. */
  begin(challenge: string, npub: string | null): void {
    this.#challenge = challenge;
    this.#end();
    if (npub !== null) this.#succeed(npub);
    else this.#know(null);
    if (npub === null && this.#sign) this.#answer(this.#sign, challenge);
  }

  /** There is no connection. */
  pause(): void {
    this.#challenge = undefined;
    this.#end();
  }

  /** Nor a place. */
  lose(): void {
    this.pause();
    this.#know(null);
  }

  authenticated({ npub }: Told<"authenticated">): void {
    this.#end();
    this.#succeed(npub);
  }

  /** Returns whether the error was an answer to this, and somebody has been told. */
  refuse({ code, message, retryAfter = 1 }: Omit<Told<"error">, "type">): boolean {
    const said = this.#said;
    if (!said) return false;
    if (code === "rate-limited") {
      this.#callOff?.();
      this.#callOff = this.#timing.after(retryAfter * 1_000, () => this.#ways.say(said));
      return false;
    }
    if (!REFUSALS.includes(code)) return false;
    this.#end();
    return this.#fail(new Error(code, { cause: message }));
  }

  async #answer(sign: Sign, challenge: string): Promise<void> {
    const isWanted = () => this.#sign === sign && this.#challenge === challenge;
    const tags = [
      ["relay", this.#relay],
      ["challenge", challenge],
    ];
    const created_at = Math.floor(this.#timing.now() / 1_000);
    try {
      const event = only(await sign({ kind: CLIENT_AUTH, content: "", tags, created_at }));
      if (!isWanted()) return;
      this.#said = { type: "auth", event };
      this.#ways.say(this.#said);
    } catch (error) {
      if (isWanted()) this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #end(): void {
    this.#said = undefined;
    this.#callOff?.();
  }

  #succeed(npub: string): void {
    this.#know(npub);
    this.#asker?.resolve(npub);
    this.#asker = undefined;
  }

  /** Who has asked for it may ask again; what was proven once is tried again on the next connection. */
  #fail(error: Error): boolean {
    if (!this.#asker) return false;
    this.#sign = undefined;
    this.#asker.reject(error);
    this.#asker = undefined;
    return true;
  }

  #know(npub: string | null): void {
    if (npub === this.npub) return;
    this.npub = npub;
    this.#ways.changed(npub);
  }
}

/** Some signers give more than the event, which the server would refuse. @throws if it is not signed */
function only({ id, pubkey, created_at, kind, tags, content, sig }: NostrEvent): NostrEvent {
  const { success, output } = safeParse(NostrEvent, { id, pubkey, created_at, kind, tags, content, sig });
  if (!success) throw new Error("auth-failed", { cause: "what was signed is no event" });
  return output;
}
