/** What should run and what does: a pure difference. */
import type { KeyState } from "./key-states.ts";

/**
 * @param states what the database says of some keys
 * @param isKnown whether a key is served, or would be if it could be opened
 */
export const difference = (
  states: readonly KeyState[],
  isKnown: (npub: string) => boolean,
): { start: KeyState[]; stay: KeyState[]; stop: string[] } => {
  const live = states.filter(({ tokens }) => tokens > 0);
  return {
    start: live.filter(({ npub }) => !isKnown(npub)),
    stay: live.filter(({ npub }) => isKnown(npub)),
    stop: states.filter(({ npub, tokens }) => tokens === 0 && isKnown(npub)).map(({ npub }) => npub),
  };
};
