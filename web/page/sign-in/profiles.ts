/** The names and pictures that people have published, asked for when somebody is to be shown. */
import { effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Profile } from "../../nostr/main.ts";
import { settings } from "../edge.ts";

/** Strangers come and go. */
const MOST_KEPT = 50;
const known = new Map<string, ReadonlySignal<Profile | undefined>>();

/** Undefined until it is known; only who has proven to be the owner of `npub` is to be asked for. */
export function profileOf(npub: string): ReadonlySignal<Profile | undefined> {
  const before = known.get(npub);
  if (before) return before;
  let isAsked = false;
  const profile = signal<Profile | undefined>(undefined, {
    watched() {
      if (isAsked) return;
      isAsked = true;
      load(npub).then((loaded) => {
        profile.value = loaded;
      });
    },
  });
  known.set(npub, profile);
  const [oldest] = known.keys();
  if (known.size > MOST_KEPT && oldest !== undefined) known.delete(oldest);
  return profile;
}

/** A name is an extra: without it there is the npub. */
async function load(npub: string): Promise<Profile | undefined> {
  const relays = await profileRelays();
  if (relays.length === 0) return undefined;
  try {
    const { loadProfile } = await import("../../nostr/main.ts");
    return await loadProfile(npub, relays);
  } catch {
    return undefined;
  }
}

const profileRelays = () =>
  new Promise<readonly string[]>((resolve) => {
    const stop = effect(() => {
      const relays = settings.value?.profileRelays;
      if (!relays) return;
      resolve(relays);
      queueMicrotask(() => stop());
    });
  });
