/** How often a relay is asked for subscriptions that it does not answer. */
import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Listening } from "../../worker/listening.ts";

const KEYS = ["aa", "bb", "cc"].map((byte) => byte.repeat(32));

let sent: unknown[][];
let said: string[];
let listening: Listening;

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate", "performance", "Date"],
  });
  [sent, said] = [[], []];
  const log = pino({ level: "warn" }, { write: (line: string) => void said.push(JSON.parse(line).msg) });
  listening = new Listening(0, (message) => sent.push(message), log);
  listening.update(KEYS, []);
  listening.gained();
});
afterEach(() => {
  listening.close();
  vi.useRealTimers();
});

/** The keys of the REQs. */
const asked = () =>
  sent.flatMap(([type, , filter]) => (type === "REQ" ? [(filter as { "#p": string[] })["#p"]] : []));

test("a relay that does not answer is asked ever more rarely, for the same at first, and that is no refusal", () => {
  const times: number[] = [];
  for (let seconds = 0; seconds < 40; seconds++) {
    if (asked().length > times.length) times.push(seconds);
    vi.advanceTimersByTime(1_000);
  }
  expect(asked()).toEqual([KEYS, KEYS, KEYS]);
  expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThan(times[1] ?? 0);
  expect(new Set(said)).toEqual(new Set(["the relay did not answer a subscription"]));
  expect(listening.status()).toMatchObject({ unheard: 3, refusal: null });
});

test("an answer that comes late counts, and nothing is asked again", () => {
  vi.advanceTimersByTime(8_000);
  listening.confirmed(String(sent[0]?.[1]));
  vi.advanceTimersByTime(60_000);
  expect(asked()).toHaveLength(1);
  expect(listening.status()).toMatchObject({ unheard: 0, unconfirmed: 0 });
});

test("what a relay never answers is tried in smaller parts in the end, for it may be too large", () => {
  vi.advanceTimersByTime(120_000);
  expect(asked().some((keys) => keys.length < KEYS.length)).toBe(true);
});

test("while another is refused, one that is not answered yet is not asked for again", () => {
  listening.confirmed(String(sent[0]?.[1]));
  vi.advanceTimersByTime(1_000);
  listening.update(
    Array.from({ length: 2_500 }, (_, index) => index.toString(16).padStart(64, "0")),
    [],
  );
  vi.advanceTimersByTime(1_000);
  const ids = () => sent.flatMap(([type, id]) => (type === "REQ" ? [id] : []));
  listening.confirmed(String(ids().at(-1)));
  vi.advanceTimersByTime(1);
  const [, other, refused] = [...new Set(ids())].map(String);
  expect(ids().slice(-2)).toEqual([other, refused]);
  const before = ids().filter((id) => id === other).length;
  listening.refused(refused ?? "", "rate-limited: too many requests");
  vi.advanceTimersByTime(2_000);
  expect(ids().at(-1)).toBe(refused);
  expect(ids().filter((id) => id === other)).toHaveLength(before);
});
