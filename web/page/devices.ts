/** Camera and microphone: asked for when the person asks, chosen, switched off, lost and replaced. */
import { batch, computed, signal } from "@preact/signals";
import * as choices from "./choices.ts";
import { keepDevices } from "./device-keeper.ts";
import { DEVICES, type Device, type DeviceProblem, type PerDevice } from "./device-problem.ts";
import { openDevices } from "./open-devices.ts";

const KINDS = { camera: "videoinput", microphone: "audioinput" } as const;

/** `unasked`: turned on with the first thing that needs it. `off`: the person has said so, and it stays that way. */
const switches = signal<PerDevice<"unasked" | "on" | "off">>({ camera: "unasked", microphone: "unasked" });
const wantedId = (device: Device) =>
  switches.value[device] === "on" ? choices.device[device].value : undefined;
const wanted = computed(() => ({ camera: wantedId("camera"), microphone: wantedId("microphone") }));

const keeper = keepDevices<MediaStreamTrack>(wanted, async (ids) => {
  const found = await openDevices(ids);
  look();
  return found;
});

const stateOf = (device: Device) => keeper.states.value[device];
const trackOf = (device: Device) => {
  const state = stateOf(device);
  return state.is === "held" ? state.track : undefined;
};
const tracks = {
  camera: computed(() => trackOf("camera")),
  microphone: computed(() => trackOf("microphone")),
};
/** It is there, or on its way: a press while it opens is meant to stop that. */
const isOn = (device: Device) => stateOf(device).is === "held" || stateOf(device).is === "missing";

/** The browser's question is open, or a device is being started. */
export const isAsking = computed(() =>
  keeper.asking.value.some((device) => stateOf(device).is === "missing"),
);
/** All that is wanted is there. */
export const isReady = computed(() =>
  DEVICES.every((device) => switches.value[device] === "off" || tracks[device].value !== undefined),
);
/** What there is to choose from; nothing before a device has been in use. */
export const known = signal<PerDevice<MediaDeviceInfo[]>>({ camera: [], microphone: [] });

export const hasCamera = computed(() => tracks.camera.value !== undefined);
export const isCameraOn = computed(() => isOn("camera"));
export const isMicrophoneOn = computed(() => isOn("microphone"));
/** The person has said so. */
export const isMicrophoneOff = computed(() => switches.value.microphone === "off");
const isMuted = signal(false);
/** Nothing of one's voice is sent. */
export const isSilent = computed(() => isMuted.value || !isOn("microphone"));

/** What is shown and sent; undefined: nothing. A new one whenever a track changes or is muted. */
export const stream = computed(() => {
  const [camera, microphone] = [tracks.camera.value, tracks.microphone.value];
  if (microphone) microphone.enabled = !isMuted.value;
  const live = [camera, microphone].filter((track) => track !== undefined);
  return live.length === 0 ? undefined : new MediaStream(live);
});

/** One at the most of those that are in the way, and one of those that have been helped. */
export const problems = computed<DeviceProblem[]>(() => {
  const whyNot = (device: Device) => {
    const state = stateOf(device);
    return state.is === "failed" ? state.why : undefined;
  };
  const instead = (device: Device) => {
    const state = stateOf(device);
    return state.is === "held" && state.instead ? state.track.label : undefined;
  };
  const [isSeen, isHeard] = [isOn("camera"), isOn("microphone")];
  const all: DeviceProblem[] = [
    { is: "no-device", camera: whyNot("camera"), microphone: whyNot("microphone"), isSeen, isHeard },
    { is: "device-replaced", camera: instead("camera"), microphone: instead("microphone") },
  ];
  return all.filter(({ camera, microphone }) => camera !== undefined || microphone !== undefined);
});

/** Asks for whatever the person has not switched off, and tries again what has failed. */
export function turnOn(): void {
  batch(() => {
    for (const device of DEVICES) if (switches.value[device] === "unasked") turn(device, "on");
    retry();
  });
}

/** The first time the microphone comes with it, by the same question. */
export function turnOnCamera(): void {
  batch(() => {
    turn("camera", "on");
    turnOn();
  });
}

/** Lets go of both. */
export function turnOff(): void {
  batch(() => {
    for (const device of DEVICES) if (switches.value[device] === "on") turn(device, "unasked");
  });
}

/** Off is off: the light beside the camera goes out. */
export function toggle(device: Device): void {
  if (isOn(device)) turn(device, "off");
  else if (stateOf(device).is === "failed") keeper.again(device);
  else turn(device, "on");
}

export function toggleCamera(): void {
  toggle("camera");
}

export function toggleMute(): void {
  const wasSilent = isSilent.value;
  isMuted.value = !wasSilent;
  if (wasSilent && !isOn("microphone")) toggle("microphone");
}

/** Tries again what has failed. */
export function retry(): void {
  batch(() => {
    for (const device of DEVICES) if (stateOf(device).is === "failed") keeper.again(device);
  });
}

/** What cannot be had is not wanted, until the person says so. */
export function goOnWithout(): void {
  batch(() => {
    for (const device of DEVICES) if (stateOf(device).is === "failed") turn(device, "off");
  });
}

export function forgetReplaced(): void {
  for (const device of DEVICES) keeper.forget(device);
}

/** Takes this device from now on. */
export function choose(device: Device, id: string): void {
  // The one that is chosen may not have been there when another took its place.
  if (choices.device[device].value === id) keeper.again(device);
  choices.device[device].value = id;
}

/** The id of what is in use. */
export function current(device: Device): string | undefined {
  return tracks[device].value?.getSettings().deviceId;
}

function turn(device: Device, to: "unasked" | "on" | "off"): void {
  switches.value = { ...switches.value, [device]: to };
}

async function look(): Promise<void> {
  const all = await navigator.mediaDevices?.enumerateDevices().catch(() => []);
  const named = (device: Device) =>
    (all ?? []).filter(({ kind, deviceId }) => kind === KINDS[device] && deviceId !== "");
  known.value = { camera: named("camera"), microphone: named("microphone") };
}

navigator.mediaDevices?.addEventListener("devicechange", look);
