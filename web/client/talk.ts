/** What the two say to each other. */

/** `at` is in milliseconds since 1970, by this side's clock. */
export type ChatLine = { id: string; from: "you" | "them"; text: string; at: number };

/** What somebody sends. */
export type Media = { audio: boolean; video: boolean };
