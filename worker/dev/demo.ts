/** The key that `dev` makes on its first run, so that there is something to sign in with. */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Database } from "../db/open.ts";
import { generateSealedKey, openKey } from "../keys.ts";
import { generateMasterKey } from "../sealing.ts";

const DEMO = { name: "demo" };
const TOKEN_LIFE_MS = 365 * 24 * 3_600_000;

/**
 * The master key in `file`; where there is none, a new one, readable by its owner only.
 *
 * @throws when keys are there that only a lost one opens
 */
export const masterKeyIn = async (file: string, { prisma }: Pick<Database, "prisma">): Promise<string> => {
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  if ((await prisma.keys.count({ where: { ncryptsec: { startsWith: "sealed:" } } })) > 0) {
    throw new Error(
      `${file} is gone, and with it what opens the keys: restore it, or delete ${dirname(file)} to start afresh`,
    );
  }
  const masterKey = generateMasterKey();
  writeFileSync(file, `${masterKey}\n`, { mode: 0o600, flag: "wx" });
  return masterKey;
};

/**
 * The demo key and a token of it that no client has taken yet. The first run makes both, later ones
 * make another token where the last is taken, revoked, or has expired; clients that are connected stay so.
 *
 * @throws {KeyError} when the key does not open
 */
export const demoToken = async (
  { prisma }: Pick<Database, "prisma">,
  masterKeys: readonly [string, ...string[]],
): Promise<{ npub: string; token: string }> => {
  const now = Date.now();
  const known = await prisma.connectTokens.findFirst({
    where: { jsonData: { equals: DEMO } },
    orderBy: { timestamp: "desc" },
    include: { key: true },
  });
  if (known)
    (await openKey(known.npub, known.key.ncryptsec ?? "", { masterKeys, passphrase: undefined })).destroy();
  if (known && known.subNpub === null && known.revoked === null && known.expiry > now) return known;
  const npub = known?.npub ?? (await addKey(prisma, masterKeys[0]));
  const token = randomBytes(16).toString("hex");
  await prisma.connectTokens.create({
    data: { token, npub, timestamp: now, expiry: now + TOKEN_LIFE_MS, jsonData: DEMO },
  });
  return { npub, token };
};

const addKey = async (prisma: Database["prisma"], masterKey: string): Promise<string> => {
  const { npub, sealed } = generateSealedKey(masterKey);
  await prisma.keys.create({ data: { npub, ncryptsec: sealed } });
  return npub;
};
