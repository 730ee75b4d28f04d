/** What the edge says of itself over plain HTTP: what it offers, and how many people are there. */
import { signal } from "@preact/signals";
import * as v from "valibot";
import { PageSettings, Presence } from "../../protocol/http-answers.ts";

const POLL_MS = 15_000;

/** Undefined until the edge has answered. */
export const settings = signal<PageSettings | undefined>(undefined);

let polling: ReturnType<typeof setInterval> | undefined;

/** Asked for again while somebody looks. Undefined when the edge does not say. */
export const presence = signal<Presence | undefined>(undefined, {
  watched() {
    polling = setInterval(readPresence, POLL_MS);
    document.addEventListener("visibilitychange", readPresence);
    readPresence();
  },
  unwatched() {
    clearInterval(polling);
    document.removeEventListener("visibilitychange", readPresence);
  },
});

/** What the page may offer. */
export async function readSettings(): Promise<void> {
  settings.value = await ask("/page-settings", PageSettings);
}

/** Also when there is a reason to think that the numbers are others. */
export async function readPresence(): Promise<void> {
  if (document.visibilityState === "visible") presence.value = await ask("/presence", Presence);
}

async function ask<Schema extends v.GenericSchema>(
  path: string,
  schema: Schema,
): Promise<v.InferOutput<Schema> | undefined> {
  try {
    const response = await fetch(path);
    const result = v.safeParse(schema, response.ok ? await response.json() : undefined);
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
