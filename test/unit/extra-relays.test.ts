import { expect, test } from "vitest";
import { ExtraRelays } from "../../worker/extra-relays.ts";
import { silent } from "../support/database.ts";

/** Connections that note which keys they were told of. */
const create = () => {
  const open = new Map<string, Set<string>>();
  const opened: string[] = [];
  const relays = new ExtraRelays((address) => {
    const keys = new Set<string>();
    return {
      open: async () => {
        opened.push(address);
        open.set(address, keys);
      },
      update: (add: Iterable<string>, remove: Iterable<string>) => {
        for (const key of remove) keys.delete(key);
        for (const key of add) keys.add(key);
      },
      close: () => open.delete(address),
    };
  }, silent);
  const state = () => Object.fromEntries([...open].map(([address, keys]) => [address, [...keys].sort()]));
  return { relays, opened, state };
};

test("a relay is connected while a key is wanted there, and hears of those keys only", () => {
  const { relays, opened, state } = create();
  relays.set("k1", new Set(["a", "b"]));
  relays.set("k2", new Set(["b"]));
  expect(state()).toEqual({ a: ["k1"], b: ["k1", "k2"] });
  expect(relays.of("k1")).toHaveLength(2);
  relays.set("k1", new Set(["b", "c"]));
  expect(state()).toEqual({ b: ["k1", "k2"], c: ["k1"] });
  relays.set("k1", new Set());
  expect(state()).toEqual({ b: ["k2"] });
  relays.set("k2", new Set(["b"]));
  relays.set("k3", new Set());
  expect(opened).toEqual(["a", "b", "c"]);
  relays.close();
  expect(state()).toEqual({});
});

test("of more than 64 relays the later ones wait for a place", () => {
  const { relays, state } = create();
  for (let n = 0; n < 70; n++) relays.set(`k${n}`, new Set([`r${n}`]));
  expect(Object.keys(state())).toHaveLength(64);
  expect(relays.of("k64")).toEqual([]);
  relays.set("k0", new Set());
  expect(Object.keys(state())).toHaveLength(64);
  expect(state()).toMatchObject({ r64: ["k64"] });
  relays.set("k65", new Set());
  relays.set("k1", new Set());
  expect(state()).toMatchObject({ r66: ["k66"] });
  expect(state()).not.toHaveProperty("r65");
});
