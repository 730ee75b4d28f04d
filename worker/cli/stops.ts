/** The switches that stop signing at once: for everything, a key, or a client. The worker reads them at each request. */
import type { Command } from "commander";
import { misused } from "./failure.ts";
import type { Operator, Run } from "./operator.ts";

/** Stops in the table for all signing. */
export const EVERYTHING = "*";

/** Stops a subject: an npub, or everything. A switch that is set already keeps its time. */
export const stop = async ({ prisma, out }: Operator, subject: string, name: string): Promise<void> => {
  await prisma.stops.createMany({ data: [{ subject, since: Date.now() }], skipDuplicates: true });
  out.print({ subject, stopped: true }, () => `Stopped: ${name}.`);
};

export const start = async ({ prisma, out }: Operator, subject: string, name: string): Promise<void> => {
  const { count } = await prisma.stops.deleteMany({ where: { subject } });
  out.print({ subject, stopped: false }, () =>
    count > 0 ? `Started: ${name}.` : `Was not stopped: ${name}.`,
  );
};

export const addStopCommands = (program: Command, run: Run): void => {
  for (const [name, description, act] of [
    ["stop", "stop all signing at once, of every key for every client, until `start --all`", stop],
    ["start", "allow signing again after `stop --all`; keys and clients stopped by name stay so", start],
  ] as const) {
    program
      .command(name)
      .description(description)
      .option("--all", "everything: this is asked for, so that nobody does it by mistake")
      .addHelpText("after", "\nJSON: {subject, stopped}; the subject is *")
      .action(async ({ all }: { all?: true }) => {
        if (!all) {
          throw misused(
            `To ${name} everything: \`${name} --all\`. One key: \`key disable\`, \`key enable\`. One client: \`client ${name}\`.`,
          );
        }
        await run((operator) => act(operator, EVERYTHING, "all signing"));
      });
  }
};
