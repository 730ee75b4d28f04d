import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { forget, type Kept, keep, kept } from "../../web/nostr/keep.ts";
import { stubLocalStorage } from "../support/local-storage.ts";

const SESSION: Kept = {
  by: "signer",
  key: "01".repeat(32),
  signer: "ab".repeat(32),
  relays: ["wss://relay.example"],
  pubkey: "cd".repeat(32),
};
let stored: Map<string, string>;

beforeEach(() => {
  stored = stubLocalStorage();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test.each<Kept>([SESSION, { by: "extension" }])(
  "what is kept is there again, until it is forgotten: %o",
  (it) => {
    expect(kept()).toBeUndefined();
    keep(it);
    expect(kept()).toEqual(it);
    forget(it);
    expect(kept()).toBeUndefined();
    expect(stored.size).toBe(0);
  },
);

test("of an extension nothing is kept but that it was used", () => {
  keep({ by: "extension" });
  expect([...stored.values()]).toEqual(['{"by":"extension"}']);
});

test("a session that another tab has replaced is not forgotten with the one before", () => {
  keep(SESSION);
  forget({ by: "extension" });
  expect(kept()).toEqual(SESSION);
});

test.each([
  "",
  "{",
  "null",
  '{"by":"somebody"}',
  JSON.stringify({ ...SESSION, key: "01" }),
  JSON.stringify({ ...SESSION, relays: [] }),
  JSON.stringify({ ...SESSION, relays: ["https://relay.example"] }),
  JSON.stringify({ ...SESSION, more: 1 }),
])("what cannot be read is as if nothing was kept: %s", (text) => {
  keep(SESSION);
  const [name = ""] = stored.keys();
  stored.set(name, text);
  expect(kept()).toBeUndefined();
});

test("a browser that refuses to store anything is no reason to fail", () => {
  const refuse = () => {
    throw new Error("SecurityError");
  };
  vi.stubGlobal("localStorage", { getItem: refuse, setItem: refuse, removeItem: refuse });
  keep(SESSION);
  forget(SESSION);
  expect(kept()).toBeUndefined();
});
