/** Camera and microphone: asked for when the person asks, chosen, switched off, lost and replaced. */
import { batch, computed, signal } from "@preact/signals";
import * as choices from "./choices.ts";
import { describeFailure, type Found } from "./device-failure.ts";
import { openDevices } from "./open-devices.ts";
import type { Device, DeviceProblem } from "./words.ts";

type Tracks = Partial<Record<Device, MediaStreamTrack | undefined>>;

const KINDS = { camera: "videoinput", microphone: "audioinput" } as const;

const tracks = signal<Tracks>({});

/** `asking`: the browser's question is open, or the devices are being started. */
export const use = signal<"off" | "asking" | "on">("off");
export const problem = signal<DeviceProblem | undefined>(undefined);
/** What there is to choose from; nothing before a device has been in use. */
export const known = signal<Record<Device, MediaDeviceInfo[]>>({ camera: [], microphone: [] });

export const hasCamera = computed(() => tracks.value.camera !== undefined);
export const hasMicrophone = computed(() => tracks.value.microphone !== undefined);
const isMuted = signal(false);
/** Nothing of one's voice is sent. */
export const isSilent = computed(() => isMuted.value || !hasMicrophone.value);
/** The person has switched it off. */
const isCameraOff = signal(false);

/** What is shown and sent; undefined: nothing. A new one whenever a track changes or is muted. */
export const stream = computed(() => {
  const { camera, microphone } = tracks.value;
  if (microphone) microphone.enabled = !isMuted.value;
  const live = [camera, microphone].filter((track) => track !== undefined);
  return live.length === 0 ? undefined : new MediaStream(live);
});

let asking: Promise<boolean> | undefined;

/** Asks for camera and microphone. Says whether both are there; else `problem` says why, and what can be had is used. */
export function turnOn(): Promise<boolean> {
  const isComplete = hasMicrophone.value && (hasCamera.value || isCameraOff.value);
  if (isComplete && problem.value === undefined) return Promise.resolve(true);
  asking ??= ask().finally(() => {
    asking = undefined;
  });
  return asking;
}

async function ask(): Promise<boolean> {
  turnOff();
  use.value = "asking";
  const [camera, microphone] = await openDevices();
  // Meanwhile the person has thought better of it.
  if (use.value !== "asking") {
    for (const found of [camera, microphone]) if (!(found instanceof Error)) found.stop();
    return false;
  }
  batch(() => {
    isCameraOff.value = false;
    adopt("camera", camera);
    adopt("microphone", microphone);
    problem.value = describeFailure(camera, microphone);
  });
  await look();
  return problem.value === undefined;
}

/** Lets go of both. */
export function turnOff(): void {
  for (const track of Object.values(tracks.value)) track?.stop();
  batch(() => {
    tracks.value = {};
    use.value = "off";
    problem.value = undefined;
  });
}

/** Tries again what the problem is about. */
export async function retry(): Promise<void> {
  const { value } = problem;
  if (value?.is === "unplugged") await reopen(value.device);
  else if (value?.is === "no-microphone") await reopen("microphone");
  else await turnOn();
}

export function forgetProblem(): void {
  problem.value = undefined;
}

/** Takes this device from now on. */
export async function choose(device: Device, id: string): Promise<void> {
  choices.device[device].value = id;
  if (tracks.value[device]) await reopen(device);
}

/** The id of what is in use. */
export function current(device: Device): string | undefined {
  return tracks.value[device]?.getSettings().deviceId;
}

export async function toggleMute(): Promise<void> {
  isMuted.value = !isSilent.value;
  if (!hasMicrophone.value) await reopen("microphone");
}

/** Off is off: the light beside the camera goes out. */
export async function toggleCamera(): Promise<void> {
  isCameraOff.value = hasCamera.value;
  if (!hasCamera.value) return reopen("camera");
  tracks.value.camera?.stop();
  tracks.value = { ...tracks.value, camera: undefined };
}

/** Some systems open a device only once: the one before is let go of first. */
async function reopen(device: Device): Promise<void> {
  tracks.value[device]?.stop();
  const [found] = await openDevices(device);
  batch(() => {
    adopt(device, found);
    problem.value =
      device === "camera"
        ? describeFailure(found, tracks.value.microphone)
        : describeFailure(undefined, found);
  });
  await look();
}

function adopt(device: Device, found: Found): void {
  const track = found instanceof Error ? undefined : found;
  track?.addEventListener("ended", () => lose(device, track));
  tracks.value = { ...tracks.value, [device]: track };
  use.value = stream.value ? "on" : "off";
}

/** It was unplugged, or its permission taken back: another one may do. */
async function lose(device: Device, track: MediaStreamTrack): Promise<void> {
  if (tracks.value[device] !== track) return;
  tracks.value = { ...tracks.value, [device]: undefined };
  const [found] = await openDevices(device);
  batch(() => {
    adopt(device, found);
    problem.value = { is: "unplugged", device, instead: found instanceof Error ? undefined : found.label };
  });
  await look();
}

async function look(): Promise<void> {
  const all = await navigator.mediaDevices?.enumerateDevices().catch(() => []);
  const named = (device: Device) =>
    (all ?? []).filter(({ kind, deviceId }) => kind === KINDS[device] && deviceId !== "");
  known.value = { camera: named("camera"), microphone: named("microphone") };
}

navigator.mediaDevices?.addEventListener("devicechange", look);
