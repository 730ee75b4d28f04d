/** What a command says: one JSON document with `--json`, or else text for a person. */
import { explain, redact } from "./failure.ts";

export interface Output {
  readonly json: boolean;
  /** Prints the result: `document` as JSON on one line, or `text` for a person. */
  print(document: unknown, text: () => string): void;
  /** Rewrites one line on a terminal's standard error, and says nothing anywhere else. */
  progress(text: string): void;
  /** Says on standard error why a command failed, and returns its exit code. */
  fail(error: unknown): number;
}

export const createOutput = (json: boolean): Output => {
  let unfinishedLine = false;
  const finishLine = () => {
    if (unfinishedLine) process.stderr.write("\n");
    unfinishedLine = false;
  };
  return {
    json,
    print: (document, text) => {
      finishLine();
      process.stdout.write(`${json ? stringify(document) : text()}\n`);
    },
    progress: (text) => {
      if (!process.stderr.isTTY || json) return;
      process.stderr.write(`\r\x1b[K${text}`);
      unfinishedLine = true;
    },
    fail: (error) => {
      finishLine();
      const { exitCode, message } = explain(error);
      if (message)
        process.stderr.write(`${json ? stringify({ error: redact(message) }) : redact(message)}\n`);
      return exitCode;
    },
  };
};

/** JSON of numbers, strings and nulls, with nothing in it that a terminal could take for a command. */
const stringify = (document: unknown): string =>
  JSON.stringify(document, (_, value) => (typeof value === "bigint" ? Number(value) : value)).replace(
    /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** Rows under headings, in columns. */
export const table = (headings: string[], rows: (string | number | null)[][]): string => {
  if (rows.length === 0) return "None.";
  const cells = [headings, ...rows.map((row) => row.map((cell) => plain(String(cell ?? "-"))))];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return cells.map((row) => line(row).trimEnd()).join("\n");
};

/** Text that others wrote, on one line and without what could steer a terminal or turn the reading direction. */
export const plain = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd").slice(0, 200);

/** Enough of an npub to tell it, and to give it to another command. */
export const short = (npub: string | null): string | null => npub?.slice(0, 16) ?? null;
