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
  const problems = devices.problems.value;
  const isSeen = devices.hasCamera.value;
  return (
    <div class={problems.length > 0 ? "preview is-hindered" : "preview"}>
      <OwnVideo label="Your camera" />
      {problems.map((problem) => (
        <ProblemCard key={problem.is} problem={problem} />
      ))}
      {problems.length === 0 && (isSeen ? <Switches /> : <Offer />)}
    </div>
  );
}

function Switches() {
  return (
    <div class="over">
      {devices.isMicrophoneOff.value && <MicrophoneSwitch />}
      <button type="button" onClick={devices.toggleCamera}>
        Turn off camera
      </button>
    </div>
  );
}

function Offer() {
  const isAsking = devices.isAsking.value;
  return (
    <div class="offer">
      <Icon name="person" />
      <button type="button" class="plain" onClick={devices.turnOnCamera}>
        {isAsking ? "Allow it in your browser …" : "Turn on camera"}
      </button>
      {/* It has come with the camera, and is not gone with it. */}
      {!isAsking && (devices.isMicrophoneOn.value || devices.isMicrophoneOff.value) && (
        <MicrophoneSwitch class="plain" />
      )}
    </div>
  );
}

function MicrophoneSwitch(props: { class?: string }) {
  return (
    <button type="button" {...props} onClick={() => devices.toggle("microphone")}>
      {devices.isMicrophoneOn.value ? "Turn off microphone" : "Turn on microphone"}
    </button>
  );
}
