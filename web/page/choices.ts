/** What somebody chose, kept in this browser for the next time. */
import { effect, type Signal, signal } from "@preact/signals";
import * as v from "valibot";
import { Mode } from "../../protocol/client-messages.ts";

const KEY = "satoshigle.choices";
const Text = v.pipe(v.string(), v.maxLength(1_000));
const Choices = v.object({
  mode: v.fallback(Mode, "video"),
  interests: v.fallback(Text, ""),
  hideAddress: v.fallback(v.boolean(), false),
  camera: v.fallback(Text, ""),
  microphone: v.fallback(Text, ""),
});

const kept = v.parse(Choices, read());

export const mode: Signal<Mode> = signal(kept.mode);
/** As written: parted by commas. */
export const interests = signal(kept.interests);
export const hideAddress = signal(kept.hideAddress);
/** Ids; empty: whichever the browser takes. */
export const device = { camera: signal(kept.camera), microphone: signal(kept.microphone) };

effect(() =>
  write({
    mode: mode.value,
    interests: interests.value,
    hideAddress: hideAddress.value,
    camera: device.camera.value,
    microphone: device.microphone.value,
  }),
);

/** Storage may be forbidden, or hold anything. */
function read(): unknown {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

function write(choices: v.InferOutput<typeof Choices>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(choices));
  } catch {
    // Then they hold for this visit only.
  }
}
