/** What a new token allows, as options of the command line; they become its `jsonData`. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { type GrantDocument, parseGrantDocument, parsePerms } from "../grant.ts";
import { misused } from "./failure.ts";
import { parseFuture, TIMES } from "./time.ts";

/** `expires` is in milliseconds since 1970. */
export type GrantOptions = GrantDocument & { expires: number };

const METHODS = ["sign_event", "nip04_encrypt", "nip04_decrypt", "nip44_encrypt", "nip44_decrypt"];
const DEFAULT_LIFE = "30d";

/** Reads perms, and refuses those that would allow nothing: a typing error here is noticed late elsewhere. */
const parsePermsOption = (text: string): string => {
  const perms = parsePerms(text.replaceAll(" ", ""));
  for (const perm of perms ?? []) {
    const [method = "", kind] = perm.split(":");
    if (!METHODS.includes(method) || (kind !== undefined && method !== "sign_event")) {
      throw new InvalidArgumentError(`There is no permission ${perm}. ${PERMS}`);
    }
  }
  if (!perms) throw new InvalidArgumentError(PERMS);
  return [...perms].join(",");
};
const PERMS = `Give some of ${METHODS.join(", ")}, separated by commas; sign_event:1 is for events of kind 1 only.`;

const parseCount = (text: string): number => {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give a whole number, at least 1.");
};

/** Adds the options of {@link GrantOptions} to a command. */
export const addGrantOptions = (command: Command): Command =>
  command
    .option("--name <name>", "what to call it in lists; nobody else sees it")
    .option(
      "--perms <perms>",
      "what it allows, like sign_event:1,nip44_encrypt (default: everything)",
      parsePermsOption,
    )
    .addOption(
      new Option("--expires <time>", `until when: ${TIMES}`)
        .argParser(parseFuture)
        .default(parseFuture(DEFAULT_LIFE), DEFAULT_LIFE),
    )
    .option("--not-before <time>", "from when on, written like --expires (default: now)", parseFuture)
    .option("--uses <number>", "how many signatures, encryptions and decryptions in all", parseCount)
    .option("--uses-per-minute <number>", "how many of them a minute", parseCount);

/** The document of these options. @throws {Failure} when they cannot be had together */
export const grantDocument = ({
  name,
  perms,
  uses,
  usesPerMinute,
  notBefore,
  expires,
}: GrantOptions): GrantDocument => {
  if (expires <= Math.max(Date.now(), notBefore ?? 0))
    throw misused("--expires is over before the token can be used.");
  const document = parseGrantDocument(
    JSON.parse(JSON.stringify({ name, perms, uses, usesPerMinute, notBefore })),
  );
  if (!document) throw misused("--name must be at most 200 characters long.");
  return document;
};
