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
  const isOn = devices.use.value === "on";
  return (
    <div class="preview">
      <OwnVideo label="Your camera" />
      {problem ? (
        <ProblemCard problem={problem} />
      ) : isOn ? (
        <button type="button" class="over" onClick={devices.turnOff}>
          Turn off camera
        </button>
      ) : (
        <div class="offer">
          <Icon name="person" />
          <button type="button" class="plain" onClick={devices.turnOn}>
            {devices.use.value === "asking" ? "Allow it in your browser …" : "Turn on camera"}
          </button>
        </div>
      )}
    </div>
  );
}
