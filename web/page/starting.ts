/** From the press on Start to the search: in video as soon as all that is wanted of camera and microphone is there. */
import { effect, signal, untracked } from "@preact/signals";
import * as choices from "./choices.ts";
import * as devices from "./devices.ts";
import { enter, isIn, mode, search } from "./model.ts";

/** Start was pressed, and waits for the devices. */
const isStarting = signal(false);

export function start(): void {
  if (choices.mode.value === "text") {
    enter();
    return;
  }
  devices.turnOn();
  isStarting.value = true;
}

export function useTextOnly(): void {
  const wasStarting = isStarting.value;
  choices.mode.value = "text";
  if (wasStarting) enter();
  // The stranger who is there, or is to come, came for faces.
  else if (isIn.value) search();
}

// At the very moment: nobody is to read in between that nothing is searched for.
effect(() => {
  if (!isStarting.value || !devices.isReady.value) return;
  isStarting.value = false;
  untracked(enter);
});

// Who only writes is not looked at: from the choice on, and in a call that has come of it.
effect(() => {
  const modes = [choices.mode.value, mode.value];
  if (!modes.includes("text")) return;
  untracked(() => {
    isStarting.value = false;
    devices.turnOff();
  });
});
