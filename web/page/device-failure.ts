/** Why there is no camera or no microphone (W3C Media Capture and Streams, section 10.1), as a problem that has words. */
import type { DeviceProblem } from "./words.ts";

/** What was asked for, or why it could not be had. */
export type Found = MediaStreamTrack | Error;

/** Of each device: a track, an error, or undefined where none was asked for. The camera counts first. */
export function describeFailure(
  camera: object | undefined,
  microphone: object | undefined,
): DeviceProblem | undefined {
  if (camera instanceof Error) {
    if (camera.name === "SecurityError") return { is: "insecure-context" };
    if (camera.name === "NotAllowedError") return { is: "camera-refused" };
    const isHeard = microphone !== undefined && !(microphone instanceof Error);
    return { is: camera.name === "NotFoundError" ? "no-camera" : "camera-in-use", isHeard };
  }
  return microphone instanceof Error ? { is: "no-microphone" } : undefined;
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
