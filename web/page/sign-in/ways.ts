/** Signing in, by one of three ways, or by what was kept of it. */
import { forget, kept } from "../../nostr/keep.ts";
import type { Identity, Offer, Watch } from "../../nostr/main.ts";
import { SignInError } from "../../nostr/problem.ts";
import * as edge from "../edge.ts";
import { become, hasSomebody, isCurrent, prove } from "./identity.ts";
import { ASKING, dialog, IDLE, offer, progress } from "./state.ts";
import { isFinal, type Trouble, type Way } from "./words.ts";

type Nostr = typeof import("../../nostr/main.ts");

/** The attempt of each way that counts: nobody is signed in by one that was given up. */
const latest: { [way in Way]?: symbol | undefined } = {};
let offered: Offer | undefined;

export const restore = () => attempt("kept", (nostr, watch) => nostr.restore(watch));

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
export function tryAgain(): Promise<void> {
  return hasSomebody() ? prove() : restore();
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
  const watch = watchOf(() => (isLatest() ? way : who && isCurrent(who) ? "kept" : undefined));
  try {
    who = await ask(await load(), watch, isLatest);
  } catch (error) {
    if (isLatest()) fail(way, error, uri);
    return;
  }
  if (!isLatest()) {
    // Only a signer that has just been asked knows of it.
    if (way === "bunker" || way === "offer") who?.signOut();
    return;
  }
  // What was kept is back while somebody signs in by a link: that goes on.
  if (way !== "kept") closeDialog();
  giveUp("kept");
  if (who) await become(who, way === "kept");
}

const NOT_LOADED = new Error("web/nostr could not be loaded");

/** @throws NOT_LOADED */
export function load(): Promise<Nostr> {
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

/** Nobody is signed in by what is under way like this. */
export function giveUp(way: Way): void {
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
