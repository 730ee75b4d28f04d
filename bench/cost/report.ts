/** The bill as Markdown. */
import { number, table } from "../markdown.ts";
import type { Item } from "./bill.ts";

const PER = 1_000_000;

/** Dollars for a million matches. */
export const totalOf = (items: readonly Item[], matches: number): number =>
  items.reduce((sum, { cost }) => sum + (cost / matches) * PER, 0);

/** The dearest first. */
export const billTable = (items: readonly Item[], matches: number): string =>
  table([
    ["", `of ${number(matches)} matches`, "a match", "$ for 1M matches"],
    ...items
      .toSorted((a, b) => b.cost - a.cost)
      .map(({ what, count, cost }) => [
        what,
        count < 100 ? count.toPrecision(2) : number(count),
        (count / matches).toPrecision(2),
        ((cost / matches) * PER).toFixed(4),
      ]),
    ["**total**", "", "", `**${totalOf(items, matches).toFixed(4)}**`],
  ]);
