/** `/page-settings`: what a page offers depends on the operator. */
import type { PageSettings } from "../protocol/http-answers.ts";
import type { Settings } from "./settings.ts";

/** @param url the request's: the edge's own relay is named by the host under which the page has found the edge */
export function pageSettings(url: URL, { ice, signInRelays, profileRelays }: Settings): PageSettings {
  return {
    hidesAddress: ice.turn !== undefined,
    relays: signInRelays.length > 0 ? signInRelays : [relayAt(url)],
    profileRelays,
  };
}

const relayAt = ({ protocol, host }: URL): string =>
  `${protocol === "https:" ? "wss" : "ws"}://${host}/relay`;
