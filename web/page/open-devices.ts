/** Camera and microphone, as the browser gives them (W3C Media Capture and Streams). */
import * as choices from "./choices.ts";
import { asError, type Found } from "./device-failure.ts";
import type { Device } from "./words.ts";

/** One device, as it was chosen, if that is there, else any; or both, by one question. */
export function openDevices(device: Device): Promise<[Found]>;
export function openDevices(): Promise<[Found, Found]>;
export async function openDevices(device?: Device): Promise<Found[]> {
  if (device) return [await openOne(device)];
  const both = await open({ video: video(), audio: audio() }).catch(asError);
  if (!(both instanceof Error)) {
    return ["video", "audio"].map(
      (kind) => both.find((track) => track.kind === kind) ?? new Error(`no ${kind}`),
    );
  }
  // A refusal is meant for both. Else what cannot be had together may be had one by one.
  if (both.name === "NotAllowedError" || both.name === "SecurityError") return [both, both];
  return [await openOne("camera"), await openOne("microphone")];
}

async function openOne(device: Device): Promise<Found> {
  const wanted = device === "camera" ? { video: video() } : { audio: audio() };
  const found = await open(wanted).catch(asError);
  return found instanceof Error ? found : (found[0] ?? new Error(`no ${device}`));
}

async function open(wanted: MediaStreamConstraints): Promise<MediaStreamTrack[]> {
  // Not there on a page that did not come by https.
  if (!navigator.mediaDevices) throw new DOMException("no secure context", "SecurityError");
  return (await navigator.mediaDevices.getUserMedia(wanted)).getTracks();
}

const video = (): MediaTrackConstraints => ({
  ...chosen("camera"),
  facingMode: "user",
  width: { ideal: 1280 },
  height: { ideal: 720 },
});
const audio = (): MediaTrackConstraints => ({ ...chosen("microphone"), echoCancellation: true });

function chosen(device: Device): MediaTrackConstraints {
  const id = choices.device[device].value;
  return id === "" ? {} : { deviceId: { ideal: id } };
}
