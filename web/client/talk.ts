/** What the two say to each other. */
export type ChatLine = {
  id: string;
  from: "you" | "them";
  text: string;
  /** ms since 1970, when it was said or came */
  at: number;
};
