/** Why a camera or a microphone is not there (W3C Media Capture and Streams, section 10.1), as a problem that has words. */

export type Device = "camera" | "microphone";
export const DEVICES = ["camera", "microphone"] as const;
export type PerDevice<T> = Readonly<Record<Device, T>>;

/** `gone`: it was in use, and no other was there to take its place. */
export type Why = "refused" | "not-found" | "in-use" | "unfit" | "failed" | "insecure-context" | "gone";

export type DeviceProblem =
  /** Wanted, and not to be had. `isSeen`, `isHeard`: what the stranger gets all the same. */
  | {
      is: "no-device";
      camera: Why | undefined;
      microphone: Why | undefined;
      isSeen: boolean;
      isHeard: boolean;
    }
  /** Lost, and another took its place: the label of that. */
  | { is: "device-replaced"; camera: string | undefined; microphone: string | undefined };

/** @param isLost whether it was in use until a moment ago */
export function whyNot({ name }: Error, isLost: boolean): Why {
  if (name === "NotAllowedError") return "refused";
  if (isLost) return "gone";
  if (name === "NotFoundError") return "not-found";
  if (name === "NotReadableError") return "in-use";
  if (name === "OverconstrainedError") return "unfit";
  if (name === "SecurityError") return "insecure-context";
  return "failed";
}
