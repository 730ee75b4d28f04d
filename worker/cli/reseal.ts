/** Seals secrets in place, row by row. Nothing is ever written that has not been opened, and is the secret of its row. */
import { type AtRest, formOf, KeyError } from "../at-rest.ts";
import { sealSecret } from "../keys.ts";
import { Failure } from "./failure.ts";
import { sealingKey } from "./master-key.ts";
import type { Operator } from "./operator.ts";

/** Keys read at a time. */
const PAGE = 500;

interface Tally {
  sealed: number;
  unchanged: number;
  failed: { npub: string; reason: string }[];
}

/**
 * Seals those secrets that have one of `forms`, in either column, under the first master key. Each is one
 * statement that changes it only if it is still what was read: it may be interrupted anywhere, and run
 * while the worker runs.
 */
export const reseal = async (operator: Operator, forms: AtRest[]): Promise<void> => {
  const { prisma, config, out } = operator;
  sealingKey(config);
  const tally: Tally = { sealed: 0, unchanged: 0, failed: [] };
  const all = await prisma.keys.count();
  let read = 0;
  for (let after = ""; ; ) {
    const rows = await prisma.keys.findMany({
      where: { npub: { gt: after } },
      select: { npub: true, ncryptsec: true, localKey: true },
      orderBy: { npub: "asc" },
      take: PAGE,
    });
    for (const { npub, ncryptsec, localKey } of rows) {
      for (const [column, secret] of Object.entries({ ncryptsec, localKey })) {
        const form = secret === null ? null : formOf(secret);
        if (secret === null || form === null || !forms.includes(form)) continue;
        await resealOne(operator, npub, column, secret, tally);
      }
      read += 1;
      out.progress(`${read} of ${all} keys, ${tally.sealed} secrets sealed`);
    }
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) break;
    after = last.npub;
  }
  const { sealed, unchanged, failed } = tally;
  out.print(tally, () =>
    [
      `Sealed ${sealed}, left ${unchanged} as they were, could not seal ${failed.length}.`,
      ...failed.map(({ npub, reason }) => `  ${npub}: ${reason}`),
    ].join("\n"),
  );
  if (failed.length > 0) throw new Failure("Not every secret could be sealed.");
};

const resealOne = async (
  { prisma, config }: Operator,
  npub: string,
  column: string,
  secret: string,
  tally: Tally,
): Promise<void> => {
  try {
    const sealed = await sealSecret(npub, secret, config.masterKeys, config.passphrase);
    if (sealed === secret) {
      tally.unchanged += 1;
      return;
    }
    const { count } = await prisma.keys.updateMany({
      where: { npub, [column]: secret },
      data: { [column]: sealed },
    });
    if (count === 0) throw new KeyError("the row was changed meanwhile: run this again");
    tally.sealed += 1;
  } catch (error) {
    if (!(error instanceof KeyError)) throw error;
    tally.failed.push({ npub, reason: error.message });
  }
};
