/** Signing in, by one of three ways, or by what was kept of it; and a link that does. */
import { forget, kept } from "../../nostr/keep.ts";
import type { Identity, Offer, Watch } from "../../nostr/main.ts";
import { SignInError } from "../../nostr/problem.ts";
import * as edge from "../edge.ts";
import { become, prove } from "./identity.ts";
import { isLoopback, takeBunkerLink } from "./link.ts";
import { ASKING, dialog, IDLE, identity, offer, progress } from "./state.ts";
import { isFinal, type Trouble, type Way } from "./words.ts";

type Nostr = typeof import("../../nostr/main.ts");

/** The attempt of each way that counts: nobody is signed in by one that was given up. */
const latest: { [way in Way]?: symbol | undefined } = {};
let offered: Offer | undefined;

/** To be called once: whoever was signed in is so again, and a link that signs in does. */
export function begin(): void {
  const uri = takeBunkerLink();
  if (kept()) restore();
  if (uri !== undefined) follow(uri);
  addEventListener("hashchange", () => {
    const next = takeBunkerLink();
    if (next !== undefined) follow(next);
  });
}

/** A link must not sign anybody in as somebody else unseen; one to this very machine is printed on it. */
function follow(uri: string): void {
  const session = kept();
  // Whoever follows the same link again is signed in by it already.
  if (session?.by === "signer" && uri.startsWith(`bunker://${session.signer}`)) return;
  if (isLoopback(location.hostname)) withBunker(uri);
  else openDialog(uri);
}

const restore = () => attempt("kept", (nostr, watch) => nostr.restore(watch));

export const withExtension = () => attempt("extension", (nostr, watch) => nostr.signInWithExtension(watch));

export const withBunker = (uri: string) =>
  attempt("bunker", (nostr, watch) => nostr.signInWithBunker(uri, watch), uri);

/** Shows a QR code, and waits for the signer that has read it. */
export const withOffer = () =>
  attempt("offer", async (nostr, watch, isLatest) => {
    if (!edge.settings.value) await edge.readSettings();
    const made = nostr.offerConnection(edge.settings.value?.relays ?? [], watch);
    // It is awaited only once the code is drawn.
    made.connected.catch(() => {});
    const image = await nostr.qrCode(made.uri);
    if (!isLatest()) made.cancel();
    else {
      offered = made;
      offer.value = { uri: made.uri, image };
    }
    return made.connected;
  });

export function openDialog(uri = ""): void {
  dialog.value = { uri };
  withOffer();
}

/** Also gives up what is under way. */
export function closeDialog(): void {
  dialog.value = undefined;
  for (const way of ["extension", "bunker", "offer"] as const) giveUp(way);
}

/** What was kept, or is signed in, and did not work, once more. */
export function tryAgain(): void {
  if (identity.value) prove();
  else restore();
}

/** The person has read what happened. */
export const dismiss = () => giveUp("kept");

/**
 * Has `ask` sign somebody in, in place of an attempt before in the same way. `uri`: what the dialog is to show if that
 * fails and it is not open.
 */
async function attempt(
  way: Way,
  ask: (nostr: Nostr, watch: Watch, isLatest: () => boolean) => Promise<Identity | undefined>,
  uri = "",
): Promise<void> {
  giveUp(way);
  const mine = Symbol(way);
  latest[way] = mine;
  const isLatest = () => latest[way] === mine;
  progress[way].value = ASKING;
  let who: Identity | undefined;
  // Once somebody is signed in, it is about what they have signed.
  const watch = watchOf(() => (isLatest() ? way : who && who === identity.value ? "kept" : undefined));
  try {
    who = await ask(await load(), watch, isLatest);
  } catch (error) {
    if (isLatest()) fail(way, error, uri);
    return;
  }
  if (!isLatest()) return who?.signOut();
  closeDialog();
  giveUp("kept");
  if (who) become(who);
}

const NOT_LOADED = new Error("web/nostr could not be loaded");

function load(): Promise<Nostr> {
  return import("../../nostr/main.ts").catch(() => {
    throw NOT_LOADED;
  });
}

function fail(way: Way, error: unknown, uri: string): void {
  const trouble: Trouble =
    error === NOT_LOADED
      ? { is: "not-loaded" }
      : error instanceof SignInError
        ? error.problem
        : { is: "bad-answer" };
  const session = way === "kept" && isFinal(trouble) ? kept() : undefined;
  if (session) forget(session);
  if (way === "bunker" && !dialog.value) openDialog(uri);
  progress[way].value = { is: "failed", trouble, isForgotten: session !== undefined };
}

function giveUp(way: Way): void {
  latest[way] = undefined;
  progress[way].value = IDLE;
  if (way !== "offer") return;
  offered?.cancel();
  offered = undefined;
  offer.value = undefined;
}

const watchOf = (way: () => Way | undefined): Watch => {
  const change = (more: { isLate: true } | { approveAt: string }) => {
    const asking = progress[way() ?? "kept"];
    if (way() && asking.value.is === "asking") asking.value = { ...asking.value, ...more };
  };
  return {
    stillWaiting: () => change({ isLate: true }),
    approveAt: (approveAt) => change({ approveAt }),
    isAway: () => document.visibilityState === "hidden",
  };
};
