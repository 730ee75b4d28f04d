/** The key that `dev` makes on its first run, so that there is something to sign in with. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Database } from "../db/open.ts";
import { generateSealedKey } from "../keys.ts";
import { generateMasterKey } from "../sealing.ts";

const DEMO = { name: "demo" };
const TOKEN_LIFE_MS = 365 * 24 * 3_600_000;

/** The master key in `file`; on the first run a new one, readable by its owner only. */
export const masterKeyIn = (file: string): string => {
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  const masterKey = generateMasterKey();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${masterKey}\n`, { mode: 0o600, flag: "wx" });
  return masterKey;
};

/**
 * The demo key and a token of it that no client has taken yet. The first run makes both, later ones
 * make another token where the last is taken or has expired; clients that are connected stay so.
 */
export const demoToken = async (
  { prisma }: Pick<Database, "prisma">,
  masterKey: string,
): Promise<{ npub: string; token: string }> => {
  const now = Date.now();
  const known = await prisma.connectTokens.findFirst({
    where: { jsonData: { equals: DEMO } },
    orderBy: { timestamp: "desc" },
  });
  if (known && known.subNpub === null && known.expiry > now) return known;
  const npub = known?.npub ?? (await addKey(prisma, masterKey));
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
