/** Why there is no camera or no microphone (W3C Media Capture and Streams, section 10.1), as a problem that has words. */
import type { DeviceProblem } from "./words.ts";

type Outcome = object | undefined;

/** Of what getUserMedia gave for each: a track, or an error. The camera counts first. */
export function describeFailure(camera: Outcome, microphone: Outcome): DeviceProblem | undefined {
  const isHeard = !(microphone instanceof Error) && microphone !== undefined;
  if (camera instanceof Error) {
    if (isRefusal(camera)) return { is: "camera-refused" };
    return { is: camera.name === "NotFoundError" ? "no-camera" : "camera-in-use", isHeard };
  }
  return microphone instanceof Error ? { is: "no-microphone" } : undefined;
}

const isRefusal = ({ name }: Error) => name === "NotAllowedError" || name === "SecurityError";
