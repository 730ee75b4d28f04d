/** Camera and microphone: asked for when the person asks, chosen, switched off, lost and replaced. */
import { batch, computed, signal } from "@preact/signals";
import * as choices from "./choices.ts";
import { describeFailure } from "./device-failure.ts";
import type { Device, DeviceProblem } from "./words.ts";

type Tracks = { camera?: MediaStreamTrack | undefined; microphone?: MediaStreamTrack | undefined };
type Found = MediaStreamTrack | Error;

const KINDS = { camera: "videoinput", microphone: "audioinput" } as const;
const DEVICES: Device[] = ["camera", "microphone"];

const tracks = signal<Tracks>({});

/** `asking`: the browser's question is open, or the devices are being started. */
export const use = signal<"off" | "asking" | "on">("off");
export const isMuted = signal(false);
export const isCameraOff = signal(false);
export const problem = signal<DeviceProblem | undefined>(undefined);
/** What there is to choose from, with names only once a device is in use. */
export const known = signal<Record<Device, MediaDeviceInfo[]>>({ camera: [], microphone: [] });

/** What is shown and sent; undefined: nothing. A new one whenever a track changes or is muted. */
export const stream = computed(() => {
  const { camera, microphone } = tracks.value;
  if (microphone) microphone.enabled = !isMuted.value;
  const live = [camera, microphone].filter((track) => track !== undefined);
  return live.length === 0 ? undefined : new MediaStream(live);
});

/** Asks for camera and microphone. Says whether both are there; else `problem` says why, and what can be had is used. */
export async function turnOn(): Promise<boolean> {
  if (use.value === "on" && problem.value === undefined) return true;
  if (use.value === "asking") return false;
  if (!navigator.mediaDevices) {
    problem.value = { is: "insecure-context" };
    return false;
  }
  turnOff();
  use.value = "asking";
  const [camera, microphone] = await openBoth();
  batch(() => {
    adopt("camera", camera);
    adopt("microphone", microphone);
    isCameraOff.value = false;
    use.value = stream.value === undefined ? "off" : "on";
    problem.value = describeFailure(camera, microphone);
  });
  await look();
  return problem.value === undefined;
}

/** Lets go of both. */
export function turnOff(): void {
  for (const device of DEVICES) tracks.value[device]?.stop();
  batch(() => {
    tracks.value = {};
    use.value = "off";
    problem.value = undefined;
  });
}

/** Takes this device from now on. */
export async function choose(device: Device, id: string): Promise<void> {
  choices.device[device].value = id;
  if (use.value === "on" && !(device === "camera" && isCameraOff.value)) await reopen(device);
}

/** The id of what is in use. */
export function current(device: Device): string | undefined {
  return tracks.value[device]?.getSettings().deviceId;
}

export function forgetProblem(): void {
  problem.value = undefined;
}

export function toggleMute(): void {
  isMuted.value = !isMuted.value;
}

/** Off is off: the light beside the camera goes out. */
export async function toggleCamera(): Promise<void> {
  isCameraOff.value = !isCameraOff.value;
  if (!isCameraOff.value) return use.value === "on" ? reopen("camera") : void (await turnOn());
  tracks.value.camera?.stop();
  tracks.value = { ...tracks.value, camera: undefined };
}

/** Some systems open a camera only once: the one before is let go of first. */
async function reopen(device: Device): Promise<void> {
  tracks.value[device]?.stop();
  const found = await open({ [device]: true }).then(([track]) => track ?? new Error("no track"), asError);
  batch(() => {
    adopt(device, found);
    problem.value =
      device === "camera"
        ? describeFailure(found, tracks.value.microphone)
        : describeFailure(tracks.value.camera, found);
  });
  await look();
}

/** One question for both; if they cannot be had together, each by itself. */
async function openBoth(): Promise<[Found, Found]> {
  const both = await open({ camera: true, microphone: true }).catch(asError);
  if (both instanceof Error) {
    if (both.name === "NotAllowedError") return [both, both];
    const one = (device: Device) => open({ [device]: true }).then(([track]) => track ?? both, asError);
    return [await one("camera"), await one("microphone")];
  }
  const of = (kind: string) => both.find((track) => track.kind === kind) ?? new Error(`no ${kind}`);
  return [of("video"), of("audio")];
}

async function open(wanted: Partial<Record<Device, boolean>>): Promise<MediaStreamTrack[]> {
  const from = (id: string) => (id === "" ? {} : { deviceId: { ideal: id } });
  const stream = await navigator.mediaDevices.getUserMedia({
    video: wanted.camera
      ? {
          ...from(choices.device.camera.value),
          facingMode: "user",
          width: { ideal: 1280 },
          height: { ideal: 720 },
        }
      : false,
    audio: wanted.microphone ? { ...from(choices.device.microphone.value), echoCancellation: true } : false,
  });
  return stream.getTracks();
}

function adopt(device: Device, found: Found): void {
  const track = found instanceof Error ? undefined : found;
  track?.addEventListener("ended", () => lose(device, track));
  tracks.value = { ...tracks.value, [device]: track };
}

/** It was unplugged, or its permission taken back: another one may do. */
async function lose(device: Device, track: MediaStreamTrack): Promise<void> {
  if (tracks.value[device] !== track) return;
  tracks.value = { ...tracks.value, [device]: undefined };
  const found = await open({ [device]: true }).then(
    ([other]) => other,
    () => undefined,
  );
  if (found) adopt(device, found);
  problem.value = { is: "unplugged", device, instead: found?.label };
  await look();
}

async function look(): Promise<void> {
  const all = await navigator.mediaDevices.enumerateDevices();
  const named = (device: Device) =>
    all.filter(({ kind, deviceId }) => kind === KINDS[device] && deviceId !== "");
  known.value = { camera: named("camera"), microphone: named("microphone") };
}

navigator.mediaDevices?.addEventListener("devicechange", look);

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
