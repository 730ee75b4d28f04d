/** The time, for what counts seconds. */
import { signal } from "@preact/signals";

let ticking: ReturnType<typeof setInterval> | undefined;

/** Milliseconds since 1970, about each second anew while somebody looks. */
export const now = signal(Date.now(), {
  watched() {
    this.value = Date.now();
    ticking = setInterval(() => {
      now.value = Date.now();
    }, 1_000);
  },
  unwatched() {
    clearInterval(ticking);
  },
});

/** `72` as `1:12`. */
export function clockTime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
