/** A browser extension that signs (NIP-07), with its key outside of the page; and ones that lie. */

import { type EventTemplate, finalizeEvent, getPublicKey } from "nostr-tools/pure";
import type { BrowserContext } from "playwright-core";

type Answers = {
  /** Hex. */
  getPublicKey(): string;
  signEvent(draft: EventTemplate): object;
};

export const honest = (secret: Uint8Array): Answers => ({
  getPublicKey: () => getPublicKey(secret),
  signEvent: (draft) => finalizeEvent(draft, secret),
});

/** Says to be somebody, and signs with a key of its own. */
export const withOtherKey = (secret: Uint8Array, claimed: string): Answers => ({
  ...honest(secret),
  getPublicKey: () => claimed,
});

/** Says to be somebody, signs with a key of its own, and writes their name over it. */
export const withForgedAuthor = (secret: Uint8Array, claimed: string): Answers => ({
  getPublicKey: () => claimed,
  signEvent: (draft) => ({ ...finalizeEvent(draft, secret), pubkey: claimed }),
});

/** For `prepare` of an arrival. */
export const install = (answers: Answers) => async (context: BrowserContext) => {
  await context.exposeFunction("askExtension", (method: keyof Answers, draft: EventTemplate) =>
    method === "getPublicKey" ? answers.getPublicKey() : answers.signEvent(draft),
  );
  await context.addInitScript(() => {
    const { askExtension } = window as unknown as {
      askExtension(method: string, draft?: unknown): Promise<unknown>;
    };
    Object.assign(window, {
      nostr: {
        getPublicKey: () => askExtension("getPublicKey"),
        signEvent: (draft: unknown) => askExtension("signEvent", draft),
      },
    });
  });
};
