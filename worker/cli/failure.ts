/** Why a command could not do what it was asked, in words for the operator, with a way out. */
import { CommanderError } from "commander";
import { ConfigError } from "../config.ts";
import { describe } from "../db/session.ts";

/** Exit codes: what was asked could not be done; the command line or the configuration is wrong. */
const FAILED = 1;
const USAGE = 2;
/** As a shell has it: 128 and the number of the signal, here of Ctrl-C. */
export const INTERRUPTED = 130;

export class Failure extends Error {
  override name = "Failure";
  readonly exitCode: number;

  constructor(message: string, exitCode = FAILED) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The command line asks for what there is not, or for too many things at once. */
export const misused = (message: string): Failure => new Failure(message, USAGE);

/** The exit code and the words of whatever a command threw; without words there is nothing left to say. */
export const explain = (error: unknown): { exitCode: number; message: string } => {
  if (error instanceof Failure) return error;
  // Help that was asked for is no error, and what commander has to say it has said.
  if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? 0 : USAGE, message: "" };
  if (error instanceof ConfigError) return { exitCode: USAGE, message: error.message };
  // The database client's messages begin with where in its code it was called.
  return { exitCode: FAILED, message: describe(error).trim().split("\n").at(-1) ?? "" };
};

/** Cuts out whatever looks like a secret: an error may quote what was typed. */
export const redact = (text: string): string =>
  text
    .replace(/(nsec|ncryptsec)1[0-9a-z]+/gi, "$11…")
    .replace(/secret=[^&\s']+/gi, "secret=…")
    .replace(/[0-9a-f]{32,}/gi, "…")
    .replace(/ but got (\d+): .*$/m, " but got $1.");
