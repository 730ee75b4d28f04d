/** What the command line needs before it can seal anything. */
import type { Config } from "../config.ts";
import { misused } from "./failure.ts";

/** The master key that seals. @throws {Failure} without one, saying how to come by one */
export const sealingKey = ({ masterKeys: [first] }: Config): string => {
  if (first !== undefined) return first;
  throw misused(
    "MASTER_KEY is not set: secrets are sealed under it.\n" +
      "Make one with `openssl rand -hex 32`, set it for the worker and here, and keep a copy in a safe place: " +
      "without it the keys cannot be opened.",
  );
};
