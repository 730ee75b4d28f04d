/** Camera and microphone, as the browser gives them (W3C Media Capture and Streams). */
import type { Wanted } from "./device-keeper.ts";
import { DEVICES, type Device, type PerDevice } from "./device-problem.ts";

type Found = MediaStreamTrack | Error;

/**
 * Each as it was chosen, if that is there, else any; both by one question. Of both, those are left out that may be had
 * one by one.
 */
export async function openDevices(ids: Wanted): Promise<Partial<PerDevice<Found>>> {
  const wanted = DEVICES.filter((device) => ids[device] !== undefined);
  const opened = await open(ids).catch(asError);
  const found: Partial<Record<Device, Found>> = {};
  for (const device of wanted) {
    if (!(opened instanceof Error)) found[device] = liveOf(opened, device);
    // A refusal is meant for both, unless one of them has been allowed before.
    else if (wanted.length === 1 || (isRefusal(opened) && !(await isGranted(device)))) found[device] = opened;
  }
  return found;
}

async function open({ camera, microphone }: Wanted): Promise<MediaStreamTrack[]> {
  // Not there on a page that did not come by https.
  if (!navigator.mediaDevices) throw new DOMException("no secure context", "SecurityError");
  const wanted: MediaStreamConstraints = {};
  if (camera !== undefined) {
    const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
    wanted.video = { ...chosen(camera), facingMode: "user", ...size };
  }
  if (microphone !== undefined) wanted.audio = { ...chosen(microphone), echoCancellation: true };
  return (await navigator.mediaDevices.getUserMedia(wanted)).getTracks();
}

/** One that was unplugged while it was opened has ended already. */
function liveOf(tracks: MediaStreamTrack[], device: Device): Found {
  const kind = device === "camera" ? "video" : "audio";
  const track = tracks.find((one) => one.kind === kind && one.readyState === "live");
  return track ?? new DOMException(`no ${device}`, "NotFoundError");
}

const chosen = (id: string): MediaTrackConstraints => (id === "" ? {} : { deviceId: { ideal: id } });

const isRefusal = ({ name }: Error) => name === "NotAllowedError" || name === "SecurityError";

/** Then the browser asks nobody. */
async function isGranted(name: Device): Promise<boolean> {
  // Not every browser knows the permission by this name.
  const state = await navigator.permissions?.query({ name }).catch(() => undefined);
  return state?.state === "granted";
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
