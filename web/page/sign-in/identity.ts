/** Who this person is: proven to the server, kept over a reload, and given up when it cannot be proven any more. */
import type { Identity } from "../../nostr/main.ts";
import { SignInError } from "../../nostr/problem.ts";
import * as model from "../model.ts";
import { ASKING, IDLE, identity, progress } from "./state.ts";
import { isFinal, type Trouble } from "./words.ts";

/** This is who the person is from now on. */
export function become(who: Identity): void {
  if (identity.value) leave(identity.value);
  who.keep();
  identity.value = who;
  prove();
}

/** Signs out here at once, and tells the signer. */
export function signOut(): void {
  progress.kept.value = IDLE;
  if (identity.value) leave(identity.value);
}

/** Proves to the server who this is, now and on each later connection that does not know. */
export async function prove(): Promise<void> {
  const who = identity.value;
  if (!who) return;
  progress.kept.value = ASKING;
  try {
    await model.useIdentity({ sign: (draft) => signOrTell(who, draft) });
    if (identity.value === who) progress.kept.value = IDLE;
  } catch (error) {
    fail(who, error);
  }
}

const signOrTell: (who: Identity, ...draft: Parameters<Identity["sign"]>) => ReturnType<Identity["sign"]> =
  async (who, draft) => {
    try {
      return await who.sign(draft);
    } catch (error) {
      // On a later connection nobody else hears of it.
      fail(who, error);
      throw error;
    }
  };

/** Who was refused is signed in no longer; after anything else it can be tried again. */
function fail(who: Identity, error: unknown): void {
  if (identity.value !== who) return;
  const trouble = troubleOf(error);
  const isForgotten = isFinal(trouble);
  if (isForgotten) leave(who);
  progress.kept.value = { is: "failed", trouble, isForgotten };
}

function leave(who: Identity): void {
  identity.value = undefined;
  who.signOut();
  // Only what it would prove can fail.
  model.useIdentity(undefined).catch(() => {});
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof SignInError) return error.problem;
  return { is: "not-proven", code: error instanceof Error ? error.message : "" };
}
