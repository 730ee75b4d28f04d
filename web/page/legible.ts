/** What somebody has written, so that it stays a line among others, whatever it is made of. Pure. */

/** Line breaks in a row, and marks on one letter; no language needs more. */
const MANY_BREAKS = /\n(?:[^\S\n]*\n){2,}/g;
const MANY_MARKS = /(\p{M}{4})\p{M}+/gu;
/** Blanks, and what is there without being seen (Unicode: format, control, and letters that fill). */
const UNSEEN = /[\s\p{Cf}\p{Cc}\u115f\u1160\u3164\uffa0]/gu;

export const legible = (text: string): string => {
  const short = text.replace(MANY_BREAKS, "\n\n").replace(MANY_MARKS, "$1");
  return short.replace(UNSEEN, "") === "" ? "…" : short;
};
