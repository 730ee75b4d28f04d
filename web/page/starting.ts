/** From the press on Start to the search: in video with a camera, or once the person has said to go on without. */
import * as choices from "./choices.ts";
import * as devices from "./devices.ts";
import { enter } from "./model.ts";

/** The person has gone on without a device, and is not asked again. */
let isWithout = false;
/** Start was pressed, and waits for the devices. */
let isStarting = false;

export async function start(): Promise<void> {
  isStarting = true;
  if (choices.mode.value === "video" && !isWithout && !(await devices.turnOn())) return;
  // Two presses wait for one answer.
  if (!isStarting) return;
  isStarting = false;
  enter();
}

/** Goes on without the device that is missing. */
export function goOnWithout(): void {
  isWithout = true;
  devices.forgetProblem();
  if (isStarting) start();
}

/** Asks for the devices again, and goes on with what was waiting for them. */
export async function retryDevices(): Promise<void> {
  await devices.retry();
  if (isStarting && devices.problem.value === undefined) start();
}

export function useTextOnly(): void {
  choices.mode.value = "text";
  if (isStarting) start();
}

// Who only writes is not looked at.
choices.mode.subscribe((mode) => {
  if (mode === "text") devices.turnOff();
});
