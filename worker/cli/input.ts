/** Secrets come in on standard input: an argument can be read by everybody on the machine, and stays in the history. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { Failure, INTERRUPTED } from "./failure.ts";

/** Longer than anything that is asked for here. */
const LONGEST = 16_384;

/**
 * The first line of standard input. On a terminal it is asked for by `prompt`, and not shown as it is typed.
 *
 * @throws {Failure} when there is none
 */
export const readSecretLine = async (prompt: string): Promise<string> => {
  const terminal = process.stdin.isTTY === true;
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  if (terminal) process.stderr.write(`${prompt}: `);
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal });
  // In this mode the terminal sends no signal; readline tells of Ctrl-C instead.
  let interrupted = false;
  lines.once("SIGINT", () => {
    interrupted = true;
    lines.close();
  });
  let length = 0;
  process.stdin.on("data", (chunk) => {
    length += chunk.length;
    if (length > LONGEST) lines.close();
  });
  try {
    for await (const line of lines) if (line.trim() !== "") return line.trim();
  } finally {
    lines.close();
    process.stdin.destroy();
    if (terminal) process.stderr.write("\n");
  }
  if (interrupted) throw new Failure("", INTERRUPTED);
  throw new Failure(`There was nothing on standard input. It expects: ${prompt.toLowerCase()}`);
};
