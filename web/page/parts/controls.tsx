/** What a thumb has to reach. Nothing changes its place under it. */
import * as devices from "../devices.ts";
import * as model from "../model.ts";
import { Icon } from "./icons.tsx";

export function Controls() {
  const mode = model.mode.value;
  return (
    <div class="controls" role="toolbar" aria-label="Call">
      <button type="button" class="round stop" aria-label="Stop" title="Stop" onClick={model.stop}>
        <Icon name="stop" />
      </button>
      {mode === "video" && <Microphone />}
      {mode === "video" && <Camera />}
      <Next />
    </div>
  );
}

function Microphone() {
  const isMuted = devices.isSilent.value;
  const label = isMuted ? "Unmute" : "Mute";
  return (
    <button
      type="button"
      class="round"
      aria-label={label}
      title={`${label} (M)`}
      aria-pressed={isMuted}
      onClick={devices.toggleMute}
    >
      <Icon name={isMuted ? "microphone-off" : "microphone"} />
    </button>
  );
}

function Camera() {
  const isOff = !devices.isCameraOn.value;
  const label = isOff ? "Camera on" : "Camera off";
  return (
    <button
      type="button"
      class="round"
      aria-label={label}
      title={`${label} (V)`}
      aria-pressed={isOff}
      onClick={devices.toggleCamera}
    >
      <Icon name={isOff ? "camera-off" : "camera"} />
    </button>
  );
}

/** Not disabled while nobody is there: whoever presses it again and again keeps the focus. */
function Next() {
  const isThere = model.call.value !== undefined;
  return (
    <button
      type="button"
      class="primary next"
      title="Next (Esc)"
      aria-disabled={!isThere}
      onClick={() => isThere && model.next()}
    >
      <Icon name="next" />
      Next
    </button>
  );
}
