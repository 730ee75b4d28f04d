/** Interests, as a person writes them: parted by commas. */
import { MAX_INTERESTS } from "../../protocol/client-messages.ts";

const MAX_LENGTH = 32;

/** As the server takes them: at most 8 different ones of at most 32 characters, none empty. */
export function parseInterests(text: string): string[] {
  const words = text.split(/[,;\n]/).map((word) => {
    const plain = word.trim().replace(/\s+/g, " ").toLowerCase();
    // Whole characters: half of a surrogate pair is refused.
    return [...plain].reduce(
      (cut, character) => (cut.length + character.length > MAX_LENGTH ? cut : cut + character),
      "",
    );
  });
  return [...new Set(words)]
    .filter((word) => word !== "" && !/\p{Surrogate}/u.test(word))
    .slice(0, MAX_INTERESTS);
}
