/** The public keys (hex) of one subscription, and what a relay knows of it. */
export interface Pack {
  pubkeys: Set<string>;
  /** `full`: refused because there are too many, which is certain once the others are answered. */
  state: "due" | "asked" | "heard" | "refused" | "full";
  /** Whether the relay was sent it at all, took it before, and was asked for something else than this. */
  sent: boolean;
  taken: boolean;
  dirty: boolean;
}

export const newPack = (): Pack => ({
  pubkeys: new Set(),
  state: "due",
  sent: false,
  taken: false,
  dirty: false,
});

export const sizeOf = ({ pubkeys }: Pack): number => pubkeys.size;

/** An answer that is under way is about what was; what was refused is asked for again when its time comes. */
export const change = (pack: Pack): void => {
  if (pack.state === "asked") pack.dirty = true;
  else if (pack.state === "heard") pack.state = "due";
};
