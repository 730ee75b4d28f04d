/** Everybody's visit, from the first who comes to the last who goes. */
import { setTimeout as sleep } from "node:timers/promises";
import { planEvening, SPEED, type Traffic } from "./plan.ts";
import { Visitor } from "./visitor.ts";

export interface Story {
  matches: number;
  pings: number;
  /** By what was refused, or went wrong: how often. */
  troubles: Record<string, number>;
}

export const play = async (server: URL, traffic: Traffic, isBatching: boolean): Promise<Story> => {
  const visits = planEvening(traffic).map(async (plan, index) => {
    await sleep((plan.comesAt * 1_000) / SPEED);
    // Addresses for measurements (RFC 2544).
    const address = `198.18.${index >> 8}.${index & 255}`;
    return new Visitor(server, address, plan, isBatching).visit();
  });
  const experiences = await Promise.all(visits);
  const troubles: Record<string, number> = {};
  for (const trouble of experiences.flatMap((each) => each.troubles))
    troubles[trouble] = (troubles[trouble] ?? 0) + 1;
  const sum = (of: "matches" | "pings") => experiences.reduce((all, each) => all + each[of], 0);
  return { matches: sum("matches") / 2, pings: sum("pings"), troubles };
};
