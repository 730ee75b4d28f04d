/** Signing in with a browser extension (NIP-07). Whatever calls itself one is answered like any stranger. */
import type { WindowNostr } from "nostr-tools/nip07";
import * as v from "valibot";
import type { Timing } from "../client/timing.ts";
import type { Identity, Watch } from "./identity.ts";
import { forget, type Kept, keep } from "./keep.ts";
import { PERSON_SECONDS, patiently } from "./patience.ts";
import { cleanReason, SignInError } from "./problem.ts";
import { checkPublicKey, checkSigned, npubOf } from "./signed.ts";

/** Of an extension nothing has to be known but that it was used. */
const BY_EXTENSION: Kept = { by: "extension" };

type Provider = Pick<WindowNostr, "getPublicKey" | "signEvent">;
const Shape = v.object({ getPublicKey: v.function(), signEvent: v.function() });
const Provider = v.custom<Provider>((it) => v.is(Shape, it));

/** @throws {SignInError} */
export const signInWithExtension = async (watch: Watch): Promise<Identity> => {
  const pubkey = checkPublicKey(await ask(watch, (extension) => extension.getPublicKey()));
  return {
    npub: npubOf(pubkey),
    sign: async (draft) => {
      const { created_at = Math.floor(Date.now() / 1_000) } = draft;
      const template = { kind: draft.kind, content: draft.content, tags: draft.tags, created_at };
      return checkSigned(await ask(watch, (extension) => extension.signEvent(template)), draft, pubkey);
    },
    keep: () => keep(BY_EXTENSION),
    signOut: async () => forget(BY_EXTENSION),
  };
};

/** Some come a while after the page. */
const APPEARS_MS = 5_000;
const LOOK_MS = 100;

/** Waits until there is an extension, 5 s at most. */
export const extensionAppears = (timing: Timing): Promise<void> =>
  new Promise((resolve) => {
    const end = timing.now() + APPEARS_MS;
    const look = () => {
      if ("nostr" in globalThis || timing.now() >= end) resolve();
      else timing.after(LOOK_MS, look);
    };
    look();
  });

/** Extensions ask the person, in a window of their own. */
const ask = async <T>(watch: Watch, question: (extension: Provider) => Promise<T>): Promise<T> => {
  const extension: unknown = Reflect.get(globalThis, "nostr");
  if (!v.is(Provider, extension)) throw new SignInError({ is: "no-extension" });
  const answer = (async () => question(extension))().catch((error) => {
    const said = error instanceof Error ? error.message : error;
    throw new SignInError({ is: "extension-refused", reason: cleanReason(said) });
  });
  return patiently(answer, watch, () => PERSON_SECONDS);
};
