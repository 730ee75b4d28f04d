#!/usr/bin/env node
/** The operator's command line: keys, tokens and clients, in the database that the worker follows. */
import { Command } from "commander";
import { addClientCommands } from "./client.ts";
import { addConnectCommand } from "./connect.ts";
import { misused, redact } from "./failure.ts";
import { addKeyCommands } from "./key.ts";
import { addLogCommand } from "./log.ts";
import { operate, type Run } from "./operator.ts";
import { createOutput } from "./output.ts";
import { addStatusCommand } from "./status.ts";
import { addStopCommands } from "./stops.ts";
import { addTokenCommands } from "./token.ts";

const json = process.argv.includes("--json");
const out = createOutput(json);
const run: Run = (command) => operate(out, command);

/** A reader that has gone, like `head`, has had enough. */
process.stdout.on("error", () => process.exit(0));

const program = new Command("satoshigle-bunker")
  .description(
    "Keys, tokens and clients of Satoshigle's multi-bunker. Works on the database; a running worker follows within a second.",
  )
  .option(
    "--json",
    "print JSON, one document a line, errors as {error} on standard error; times in milliseconds",
  )
  .configureHelp({ showGlobalOptions: true })
  .configureOutput({
    outputError: (text, write) => {
      const error = redact(text.trim());
      write(json ? `${JSON.stringify({ error })}\n` : `${error}\n`);
    },
  })
  .exitOverride()
  .addHelpText(
    "after",
    `
An npub may be shortened to a beginning that only one has. Times: 45s, 90m, 12h, 30d, 2w, or 2030-12-31T18:00Z.
Secrets are read from standard input, never from an argument. Each command has a --help with examples.
Exit codes: 0 done; 1 could not be done; 2 wrong command line or configuration; 128 + signal when interrupted.

First steps:
  satoshigle-bunker key add
  satoshigle-bunker token issue --npub npub1abc --expires 30d --name phone

Environment, as for the worker, whose --help says more of each:
  DATABASE_URL, DATABASE_DRIVER     which database; without, the embedded one in .satoshigle/ of this folder
  MASTER_KEY, NCRYPTSEC_PASSPHRASE  for key add, seal and rotate
  RELAYS                            for token issue`,
  );

addKeyCommands(program, run);
addTokenCommands(program, run);
addClientCommands(program, run);
addConnectCommand(program, run);
addStopCommands(program, run);
addStatusCommand(program, run);
addLogCommand(program, run);

const start = async (): Promise<unknown> => {
  if (!process.argv.some((argument) => /^(nsec|ncryptsec)1/i.test(argument.trim())))
    return program.parseAsync();
  throw misused(
    "A secret must not be an argument: others on this machine can see it, and the shell remembers it.\n" +
      "Write it to standard input, as `key add --import` reads it, and see that this one is not left in a history.",
  );
};

const exitCode = await start().then(
  () => 0,
  (error) => out.fail(error),
);
// What was written goes out before the process ends.
process.stdout.write("", () => process.exit(exitCode));
