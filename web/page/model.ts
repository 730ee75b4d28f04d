/** What the page knows and does: the one place that drives the client. */
import { batch, computed, effect, signal } from "@preact/signals";
import type { Call, EndOfCall } from "../client/call.ts";
import type { Connection } from "../client/line.ts";
import { connect } from "../client/main.ts";
import type { Visit } from "../client/visit.ts";
import { type CallView, viewOf } from "./call-view.ts";
import * as choices from "./choices.ts";
import * as devices from "./devices.ts";
import { settings } from "./edge.ts";
import { type Facts, problemOf, statusOf } from "./situation.ts";
import * as talk from "./talk.ts";
import { refusalWords } from "./words.ts";

/** Who proves to be somebody: what signing in gives. */
export type Prover = { sign: Parameters<Visit["authenticate"]>[0] };

/** The person wants to meet somebody: the room is shown, else the start. */
export const isIn = signal(false);
/** The call that there is; `view` is what is to be seen of it. */
export const call = signal<Call | undefined>(undefined);
export const view = signal<CallView | undefined>(undefined);
/** Of the call, or of the next one. */
export const mode = computed(() => view.value?.mode ?? choices.mode.value);

const connection = signal<Connection | undefined>(undefined);
const ended = signal<EndOfCall | undefined>(undefined);
const searchingSince = signal(0);
const retryAt = signal<number | undefined>(undefined);
const isOnline = signal(navigator.onLine);

const facts = computed<Facts>(() => ({
  isIn: isIn.value,
  // In the room there is more to tell.
  isAsking: devices.isAsking.value && !isIn.value,
  isOnline: isOnline.value,
  connection: connection.value,
  searchingSince: searchingSince.value,
  call: view.value,
  ended: ended.value,
  retryAt: retryAt.value,
  hasRelay: settings.value?.hidesAddress ?? false,
}));
export const status = computed(() => statusOf(facts.value));
/** Whether the server can be told anything right now. */
export const isAttached = computed(() => connection.value?.is === "open");
export const problem = computed(() => problemOf(facts.value));

let visit: Visit | undefined;

/** Into the room, and looks for a stranger. */
export function enter(): void {
  isIn.value = true;
  search();
}

/** Also tries again what has failed. */
export function search(): void {
  ended.value = undefined;
  const here = open();
  here.hideAddress = choices.hideAddress.value && (settings.value?.hidesAddress ?? false);
  here.search(wish());
}

export function next(): void {
  if (call.value?.isDetached || connection.value?.is === "closed") search();
  else call.value?.next();
}

/** Back to the start; the connection stays for the next search. */
export function stop(): void {
  isIn.value = false;
  visit?.stop();
}

/** The page goes. */
export function leave(): void {
  isIn.value = false;
  visit?.close();
}

/** Who this person proves to be from now on, to the server and so to strangers; undefined: nobody. */
export async function useIdentity(prover: Prover | undefined): Promise<void> {
  if (prover) await open().authenticate(prover.sign);
  else visit?.signOut();
}

const wish = () => ({ mode: choices.mode.value, interests: choices.interests.value.split(",") });

function open(): Visit {
  if (visit) return visit;
  const opened = connect(location.href);
  visit = opened;
  connection.value = opened.connection;
  opened.on("connection", (now) => {
    connection.value = now;
  });
  opened.on("state", (now) => {
    if (now === "waiting") searchingSince.value = Date.now();
    // To the person it is the same whether a stranger has gone on or stopped: they look for the next.
    if (now === "idle" && ended.value === "stopped" && isIn.value) opened.search(wish());
  });
  opened.on("call", meet);
  opened.on("refused", ({ code }) => {
    const words = refusalWords(code);
    if (words && call.value) talk.note(words);
  });
  return opened;
}

function meet(met: Call): void {
  batch(() => {
    call.value = met;
    view.value = viewOf(met);
  });
  talk.begin(met);
  met.on("change", () => {
    if (call.value === met) view.value = viewOf(met);
  });
  met.on("ended", (reason) => {
    if (call.value !== met) return;
    batch(() => {
      ended.value = reason;
      call.value = undefined;
      view.value = undefined;
    });
  });
}

effect(() => call.value?.send(devices.stream.value));

// Whoever was told to come back later does so.
effect(() => {
  const now = connection.value;
  const waits = now?.is === "closed" && (now.why === "rate-limited" || now.why === "draining");
  if (!isIn.value || !waits || now.retryAfter === undefined) {
    retryAt.value = undefined;
    return;
  }
  retryAt.value = Date.now() + now.retryAfter * 1_000;
  const timer = setTimeout(search, now.retryAfter * 1_000);
  return () => clearTimeout(timer);
});

for (const change of ["online", "offline"]) {
  addEventListener(change, () => {
    isOnline.value = navigator.onLine;
  });
}
addEventListener("pagehide", leave);
