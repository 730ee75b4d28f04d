/** A browser's localStorage, where there is no browser. */
import { vi } from "vitest";

/** In place until `vi.unstubAllGlobals()`; what is stored is in the map. */
export const stubLocalStorage = (): Map<string, string> => {
  const stored = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => stored.get(name) ?? null,
    setItem: (name: string, text: string) => stored.set(name, text),
    removeItem: (name: string) => stored.delete(name),
  });
  return stored;
};
