/** What is said in the call: lines from both, and what the page has to say about it. */
import { signal } from "@preact/signals";
import type { Call } from "../client/call.ts";
import { legible } from "./legible.ts";

const MAX_LINES = 500;
/** Who has written nothing more for so long is not writing. */
const TYPING_MS = 4_000;

export type Line = { id: string; from: "you" | "them" | "note"; text: string };

export const lines = signal<Line[]>([]);
export const isPartnerTyping = signal(false);
/** What is being written here. */
export const draft = signal("");

let call: Call | undefined;
let typing: ReturnType<typeof setTimeout> | undefined;
let notes = 0;
/** What was noted after the last call: the next may come before anybody could read it. */
let unread: Line[] = [];

/** A new call: nothing of the one before stays, least of all half a sentence to somebody else. */
export function begin(with_: Call): void {
  call = with_;
  lines.value = unread;
  unread = [];
  draft.value = "";
  note(greeting(with_));
  with_.on("chat", add);
  with_.on("typing", (on) => {
    isPartnerTyping.value = on;
  });
  with_.on("ended", () => {
    if (call !== with_) return;
    call = undefined;
    isPartnerTyping.value = false;
    draft.value = "";
    clearTimeout(typing);
    typing = undefined;
  });
}

export function write(text: string): void {
  draft.value = text;
  const isNew = typing === undefined;
  if (text === "") rest();
  else {
    if (isNew) call?.type(true);
    clearTimeout(typing);
    typing = setTimeout(rest, TYPING_MS);
  }
}

export function send(): void {
  const text = draft.value.trim();
  if (text === "" || call === undefined) return;
  rest();
  try {
    add(call.say(text));
    draft.value = "";
  } catch {
    // It stays in the field.
    note("Too fast: that line is not sent. Wait a moment, then send it again.");
  }
}

/** Something that nobody has said. */
export function note(text: string): void {
  notes += 1;
  add({ id: String(notes), from: "note", text });
  if (!call) unread = lines.value.slice(-1);
}

function rest(): void {
  if (typing === undefined) return;
  clearTimeout(typing);
  typing = undefined;
  call?.type(false);
}

function add({ id, from, text }: Line): void {
  if (from === "them") isPartnerTyping.value = false;
  lines.value = [...lines.value, { id: `${from} ${id}`, from, text: legible(text) }].slice(-MAX_LINES);
}

function greeting({ interests, met }: Call): string {
  const who = met ? "Somebody you have met before." : "A stranger. Say hello.";
  return interests.length === 0 ? who : `${who} You share: ${interests.join(", ")}.`;
}
