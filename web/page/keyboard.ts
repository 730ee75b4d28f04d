/** The keys of the room. */
import * as devices from "./devices.ts";
import * as model from "./model.ts";

/** @returns what stops listening */
export function listenToKeys(): () => void {
  addEventListener("keydown", press);
  return () => removeEventListener("keydown", press);
}

function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  // An open dialog has the keys to itself; and Esc, while an input method composes a word, drops that word.
  if (document.querySelector("dialog[open]") || event.isComposing) return;
  const key = event.key.toLowerCase();
  const isVideo = model.mode.value === "video" && !isWriting(event.target);
  if (key === "escape" && model.call.value) model.next();
  else if (key === "m" && isVideo) devices.toggleMute();
  else if (key === "v" && isVideo) devices.toggleCamera();
}

const isWriting = (target: EventTarget | null) =>
  target instanceof HTMLTextAreaElement ||
  target instanceof HTMLSelectElement ||
  target instanceof HTMLInputElement;
