/** Cameras and microphones that are not there, in words: which, why, what helps, and what the stranger gets without. */
import { DEVICES, type Device, type DeviceProblem, type Why } from "./device-problem.ts";
import type { Words } from "./words.ts";

type Problem<Is> = Extract<DeviceProblem, { is: Is }>;

const AGAIN = { label: "Try again", way: "try-device" } as const;
const WITHOUT = { label: "Go on without", way: "without-device" } as const;
const TEXT_ONLY = { label: "Use text only", way: "text-only" } as const;
const UNDERSTOOD = { label: "OK", way: "understood" } as const;

/** Devices with the same trouble, and the words that depend on whether it is one or both. */
type Those = { the: string; The: string; a: string; no: string; are: string; they: string; them: string };

const those = (devices: readonly Device[]): Those => {
  const isOne = devices.length === 1;
  const the = `the ${devices.join(" and ")}`;
  return {
    the,
    The: isOne ? `The ${devices[0]}` : "Camera and microphone",
    a: devices.map((device) => `a ${device}`).join(" and "),
    no: devices.map((device) => `no ${device}`).join(" and "),
    are: isOne ? "is" : "are",
    they: isOne ? "It was" : "They were",
    them: isOne ? "it" : "them",
  };
};

const TITLES: Record<Why, (those: Those) => string> = {
  refused: ({ The, are }) => `${The} ${are} not allowed`,
  "not-found": ({ no, are }) => `${capital(no)} ${are === "is" ? "was" : "were"} found`,
  "in-use": ({ The, are }) => `${The} ${are} in use`,
  unfit: ({ The }) => `${The} cannot be used`,
  failed: ({ The, are }) => `${The} ${are === "is" ? "does" : "do"} not start`,
  "insecure-context": ({ no }) => `${capital(no)} on this address`,
  gone: ({ the, are }) => `${the.replace("the", "Your")} ${are} gone`,
};

const HELP: Record<Why, (those: Those) => string> = {
  refused: ({ the }) => `Allow ${the} for this page in the browser (the icon beside the address).`,
  "not-found": ({ a }) => `Connect ${a}.`,
  "in-use": ({ the }) => `Close the other program or tab that seems to use ${the}.`,
  unfit: ({ a }) => `What was chosen does not do what is asked of it: choose ${a} that does.`,
  failed: ({ the }) =>
    `Something in this device keeps ${the} from starting; to restart the browser may help.`,
  "insecure-context": ({ the }) =>
    `Browsers give ${the} only to pages whose address begins with https: open the page that way.`,
  gone: ({ they, the, them }) =>
    `${they} unplugged or taken away, and there is no other: connect ${them === "it" ? `${the} again` : "them again"}.`,
};

export function wordsForDevices(problem: Problem<"no-device">): Words {
  const troubled = DEVICES.filter((device) => problem[device] !== undefined);
  const whys = [...new Set(troubled.map((device) => problem[device]))].filter((why) => why !== undefined);
  const of = (why: Why) => those(troubled.filter((device) => problem[device] === why));
  const titles = whys.map((why) => TITLES[why](of(why)));
  const isHopeless = whys.every((why) => why === "insecure-context");
  const isLost = whys.includes("gone");
  return {
    title: titles.map((title, at) => (at === 0 ? title : small(title))).join("; "),
    text: [
      ...whys.map((why) => HELP[why](of(why))),
      `${isHopeless ? "Or go" : "Then try again, or go"} on without: ${reach(problem)}.`,
    ].join(" "),
    ways: [
      ...(isHopeless ? [] : [AGAIN]),
      WITHOUT,
      // In a call that has begun by video that would be no way to go on.
      ...(problem.isSeen || isLost ? [] : [TEXT_ONLY]),
    ],
  };
}

export function wordsForReplaced({ camera, microphone }: Problem<"device-replaced">): Words {
  const labels = [camera, microphone].filter((label) => label !== undefined);
  const lost = those(DEVICES.filter((device) => (device === "camera" ? camera : microphone) !== undefined));
  return {
    title: TITLES.gone(lost),
    text: `${lost.they} unplugged or taken away. Now in use: ${labels.join(", ")}.`,
    ways: [UNDERSTOOD],
  };
}

function reach({ isSeen, isHeard }: Problem<"no-device">): string {
  if (isSeen) return "the stranger sees and reads you, but does not hear you";
  if (isHeard) return "the stranger hears and reads you, but does not see you";
  return "you see and hear the stranger, and they read you";
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const small = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
