import { expect, test, vi } from "vitest";
import { chooseCrypto, type Openers } from "../../../worker/crypto/choice.ts";
import type { Crypto, CryptoName } from "../../../worker/crypto/crypto.ts";
import { noble } from "../../../worker/crypto/noble.ts";
import { selfTest } from "../../../worker/crypto/self-test.ts";

const as = (name: CryptoName, changes: Partial<Crypto> = {}): Crypto => ({ ...noble, ...changes, name });
const openers = (changes: Partial<Openers> = {}): Openers => ({
  native: async () => as("native"),
  wasm: async () => as("wasm"),
  noble: async () => noble,
  ...changes,
});
const missing = async () => {
  throw new Error("it is not installed");
};
const logger = () => {
  const info = vi.fn();
  return { log: { info }, logged: () => info.mock.calls.map(([message]) => message) };
};

const WRONG: Record<string, Partial<Crypto>> = {
  "public keys": { publicKey: () => new Uint8Array(32) },
  signing: { sign: () => new Uint8Array(64) },
  verifying: { verify: () => true },
  "shared secrets": { sharedX: (secret, peer) => noble.sharedX(secret, peer).reverse() },
};

test("the fastest one is taken, and named", async () => {
  const { log, logged } = logger();
  expect((await chooseCrypto(undefined, log, openers())).name).toBe("native");
  expect(logged()).toEqual(["cryptography: native"]);
});

test("one that is missing is passed over, and the log says why", async () => {
  const { log, logged } = logger();
  expect((await chooseCrypto(undefined, log, openers({ native: missing }))).name).toBe("wasm");
  expect(logged()).toEqual(["cryptography: wasm; not native: it is not installed"]);
});

test.each(Object.entries(WRONG))("one that gets %s wrong is not used", async (what, changes) => {
  const { log, logged } = logger();
  const broken = openers({ native: missing, wasm: async () => as("wasm", changes) });
  expect((await chooseCrypto(undefined, log, broken)).name).toBe("noble");
  expect(logged()).toEqual([
    expect.stringMatching(`noble; not native: .*; not wasm: it fails its self-test: ${what}`),
  ]);
  await expect(chooseCrypto("wasm", log, broken)).rejects.toThrow(`wasm: it fails its self-test: ${what}`);
});

test("a backend that verifies nothing is not used either", () => {
  expect(() => selfTest(as("wasm", { verify: () => false }))).toThrow("verifying");
});

test("one that is forced is used, or the start ends", async () => {
  const { log } = logger();
  expect((await chooseCrypto("noble", log, openers())).name).toBe("noble");
  await expect(chooseCrypto("native", log, openers({ native: missing }))).rejects.toThrow(
    "CRYPTO=native is set, and cannot be used: native: it is not installed",
  );
});

test("without any there is no start", async () => {
  const { log } = logger();
  const none = openers({ native: missing, wasm: missing, noble: missing });
  await expect(chooseCrypto(undefined, log, none)).rejects.toThrow(/no cryptography .*native.*wasm.*noble/);
});
