/** Who is signed in without having asked for it here: as before a reload, by a link, or as in another tab. */
import { kept, onKeptElsewhere } from "../../nostr/keep.ts";
import { dropKept, hasSomebody } from "./identity.ts";
import { isLoopback, takeBunkerLink } from "./link.ts";
import { isElsewhere, progress } from "./state.ts";
import { giveUp, load, openDialog, restore, tryAgain, withBunker } from "./ways.ts";

/** To be called once: whoever was signed in is so again, and a link that signs in does. */
export function begin(): void {
  const uri = takeBunkerLink();
  const restored = kept() ? restore() : undefined;
  if (uri !== undefined) follow(uri, restored);
  addEventListener("hashchange", () => {
    const next = takeBunkerLink();
    if (next !== undefined) follow(next);
  });
  onKeptElsewhere(heedOtherTab);
}

/** A link must not sign anybody in as somebody else unseen; one to this very machine is printed on it. */
async function follow(uri: string, restored?: Promise<void>): Promise<void> {
  if (await isKept(uri)) {
    // Whoever follows the same link again is signed in by it already, unless that turns out to be over.
    await (restored ?? (progress.kept.value.is === "failed" ? tryAgain() : undefined));
    if (kept()) return;
  }
  if (isLoopback(location.hostname)) withBunker(uri);
  else openDialog(uri);
}

const isKept = async (uri: string): Promise<boolean> =>
  kept()?.by === "signer" &&
  (await load().then(
    (nostr) => nostr.isKeptLink(uri),
    () => false,
  ));

/**
 * Whoever signs out there does so here, too, where nothing has to be told to the signer. Whoever signs in there is asked:
 * here they may be talking to a stranger who does not know them.
 */
function heedOtherTab(): void {
  if (!hasSomebody()) giveUp("kept");
  dropKept();
  isElsewhere.value = kept() !== undefined;
}

/** As in the other tab. */
export function joinOtherTab(): void {
  isElsewhere.value = false;
  restore();
}
