/** Who this person is: proven, kept over a reload, and given up when it cannot be proven any more. */
import { CLIENT_AUTH } from "../../../protocol/nostr.ts";
import { forget, kept } from "../../nostr/keep.ts";
import type { Identity } from "../../nostr/main.ts";
import { SignInError } from "../../nostr/problem.ts";
import * as model from "../model.ts";
import { ASKING, IDLE, identity, isElsewhere, progress } from "./state.ts";
import { isFinal, type Trouble } from "./words.ts";

/** Milliseconds in which the server asks for a signature, if it can be reached. */
const SERVER_MS = 3_000;

type Draft = Parameters<Identity["sign"]>[0];

/** Whom it is about: shown and kept (state.ts, `identity`) once they have proven to be who they say. */
let current: { who: Identity; isKept: boolean } | undefined;
let latestProof: symbol | undefined;

export const hasSomebody = (): boolean => current !== undefined;
export const isCurrent = (who: Identity): boolean => current?.who === who;

/**
 * This is who the person is from now on, if they can prove it.
 *
 * @param isKept whether they are so since before a reload
 */
export function become(who: Identity, isKept: boolean): Promise<void> {
  if (current) leave(current.who);
  current = { who, isKept };
  // Of a signer that was kept it is known whose key it has; an extension may say anything each time.
  if (isKept && kept()?.by === "signer") identity.value = who;
  return prove();
}

/** Signs out here at once, and tells the signer; also gives up what was kept and is not back. */
export function signOut(): void {
  progress.kept.value = IDLE;
  const session = kept();
  if (current) leave(current.who);
  else if (session) forget(session);
}

/** What was kept is so no longer: another tab has seen to the rest. */
export function dropKept(): void {
  if (!current?.isKept) return;
  current = undefined;
  identity.value = undefined;
  progress.kept.value = IDLE;
  unprove();
}

/** Proves to the server who this is, now and on each later connection that does not know. */
export async function prove(): Promise<void> {
  if (!current) return;
  const { who } = current;
  const mine = Symbol("proof");
  latestProof = mine;
  progress.kept.value = ASKING;
  let isAsked = false;
  const sign = (draft: Draft) => {
    isAsked = true;
    return signOrTell(who, draft);
  };
  const timer = setTimeout(() => {
    if (!isAsked && isCurrent(who) && identity.value !== who) proveHere(who);
  }, SERVER_MS);
  try {
    await model.useIdentity({ sign });
    accept(who);
    if (isCurrent(who)) progress.kept.value = IDLE;
  } catch (error) {
    if (latestProof === mine) fail(who, error);
  } finally {
    clearTimeout(timer);
  }
}

/** While the server cannot be reached the page has to be content with its own challenge. */
async function proveHere(who: Identity): Promise<void> {
  const draft: Draft = {
    kind: CLIENT_AUTH,
    content: "",
    tags: [
      ["relay", location.origin],
      ["challenge", crypto.randomUUID()],
    ],
    created_at: Math.floor(Date.now() / 1_000),
  };
  // What goes wrong has been told.
  await signOrTell(who, draft).then(
    () => accept(who),
    () => {},
  );
}

const signOrTell = async (who: Identity, draft: Draft): ReturnType<Identity["sign"]> => {
  try {
    return await who.sign(draft);
  } catch (error) {
    // On a later connection nobody else hears of it.
    fail(who, error);
    throw error;
  }
};

function accept(who: Identity): void {
  if (!isCurrent(who) || identity.value === who) return;
  who.keep();
  isElsewhere.value = false;
  current = { who, isKept: true };
  identity.value = who;
}

/** Who was refused is signed in no longer; after anything else it can be tried again. */
function fail(who: Identity, error: unknown): void {
  if (!isCurrent(who)) return;
  const trouble = troubleOf(error);
  const isForgotten = isFinal(trouble);
  if (isForgotten) leave(who);
  progress.kept.value = { is: "failed", trouble, isForgotten };
}

function leave(who: Identity): void {
  isElsewhere.value = false;
  current = undefined;
  identity.value = undefined;
  who.signOut();
  unprove();
}

/** Only what it would prove can fail. */
const unprove = () => model.useIdentity(undefined).catch(() => {});

function troubleOf(error: unknown): Trouble {
  if (error instanceof SignInError) return error.problem;
  return { is: "not-proven", code: error instanceof Error ? error.message : "" };
}
