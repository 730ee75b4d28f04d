const MAX_LENGTH = 32;

/** Interests in the form in which they are compared: `" Jazz\u00a0 music"` and `"jazz music"` are one. */
export function normalizeInterests(interests: string[]): string[] {
  const words = interests.map((interest) => {
    const plain = interest.normalize("NFKC").trim().toLowerCase().replace(/\s+/g, " ");
    return [...plain].slice(0, MAX_LENGTH).join("").trimEnd();
  });
  return [...new Set(words)].filter((word) => word !== "");
}
