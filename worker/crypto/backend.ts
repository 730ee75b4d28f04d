/** The backend that this process computes with: noble, until another has been chosen. */
import type { Crypto } from "./crypto.ts";
import { noble } from "./noble.ts";

let chosen = noble;

export const backend = (): Crypto => chosen;

export const useBackend = (crypto: Crypto): void => {
  chosen = crypto;
};
