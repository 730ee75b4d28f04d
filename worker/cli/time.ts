/** Times as an operator writes and reads them. The tables hold milliseconds since 1970. */
import { InvalidArgumentError } from "commander";

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };
const DURATION = /^(\d{1,6})([smhdw])$/;
const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?$/;
/** Longer than any key is used; so that every sum stays a time. */
const LONGEST = 100 * 365 * 86_400_000;

export const TIMES =
  "a duration like 45s, 90m, 12h, 30d or 2w, or a date like 2030-12-31 or 2030-12-31T18:00Z";

/** Reads a duration, from now into the future or (-1) the past, or a date. @throws {InvalidArgumentError} */
const parseTime =
  (direction: 1 | -1) =>
  (text: string): number => {
    const [, amount, unit] = DURATION.exec(text) ?? [];
    const length = amount && unit ? Number(amount) * UNITS[unit as keyof typeof UNITS] : Number.NaN;
    const time = DATE.test(text) ? Date.parse(text) : Date.now() + direction * length;
    if (Number.isNaN(time) || Math.abs(time - Date.now()) > LONGEST) {
      throw new InvalidArgumentError(`Give ${TIMES}.`);
    }
    return time;
  };
export const parseFuture = parseTime(1);
export const parsePast = parseTime(-1);

/** `2030-12-31 18:00:00Z`, or nothing for no time. */
export const showTime = (time: number | bigint | null): string | null => {
  if (time === null) return null;
  const date = new Date(Number(time));
  if (Number.isNaN(date.getTime())) return String(time);
  return date
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");
};
