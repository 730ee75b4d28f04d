/** How the stranger will see one: the camera is asked for when the person says so. */
import * as choices from "../choices.ts";
import * as devices from "../devices.ts";
import { Icon } from "./icons.tsx";
import { OwnVideo } from "./own-video.tsx";
import { ProblemCard } from "./problem-card.tsx";

export function Preview() {
  if (choices.mode.value === "text") {
    return (
      <div class="preview is-text">
        <p>No camera, no microphone: only words.</p>
      </div>
    );
  }
  const problem = devices.problem.value;
  const isAsking = devices.use.value === "asking";
  return (
    <div class={problem ? "preview is-hindered" : "preview"}>
      <OwnVideo label="Your camera" />
      {problem ? (
        <ProblemCard problem={problem} />
      ) : devices.hasCamera.value ? (
        <button type="button" class="over" onClick={devices.turnOff}>
          Turn off camera
        </button>
      ) : (
        <div class="offer">
          <Icon name="person" />
          <button
            type="button"
            class="plain"
            onClick={devices.use.value === "on" ? devices.toggleCamera : devices.turnOn}
          >
            {isAsking ? "Allow it in your browser …" : "Turn on camera"}
          </button>
        </div>
      )}
    </div>
  );
}
