/** Everything that can be in somebody's way, in words, each with at least one way out. */
import type { ErrorCode } from "../../protocol/messages.ts";

export type Device = "camera" | "microphone";

/** What keeps a camera or a microphone from being there. `instead`: the device that took the place of a lost one. */
export type DeviceProblem =
  | { is: "camera-refused" | "no-microphone" | "insecure-context" }
  | { is: "no-camera" | "camera-in-use"; isHeard: boolean }
  | { is: "unplugged"; device: Device; instead: string | undefined };

/** What keeps two people apart. `retryAt`, in milliseconds since 1970: when the page tries again by itself. */
export type MeetingProblem =
  | {
      is: "offline" | "unreachable" | "banned" | "too-many-connections" | "replaced" | "outdated" | "refused";
    }
  | { is: "rate-limited" | "draining"; retryAt: number | undefined }
  | { is: "call-failed" | "no-relay" };

export type Problem = DeviceProblem | MeetingProblem;

/** What a button on a problem does. */
export type Way =
  | "try-again"
  | "try-device"
  | "without-device"
  | "text-only"
  | "understood"
  | "reload"
  | "restart-call"
  | "next"
  | "leave";

export type Words = { title: string; text: string; ways: { label: string; way: Way }[] };

const AGAIN = { label: "Try again", way: "try-again" } as const;
const DEVICE_AGAIN = { label: "Try again", way: "try-device" } as const;
const WITHOUT = { label: "Go on without", way: "without-device" } as const;
const TEXT_ONLY = { label: "Use text only", way: "text-only" } as const;
const UNDERSTOOD = { label: "OK", way: "understood" } as const;
const LEAVE = { label: "Back to the start", way: "leave" } as const;
const RELOAD = { label: "Reload", way: "reload" } as const;
const ANOTHER = { label: "Meet somebody else", way: "next" } as const;
const RESTART = { label: "Try again", way: "restart-call" } as const;

/** What has happened, what to do about it, and the buttons for it. */
export function wordsFor(problem: Problem): Words {
  switch (problem.is) {
    case "camera-refused":
      return {
        title: "The camera is not allowed",
        text: "Allow camera and microphone for this page in the browser (the icon beside the address), then try again. You can also go on without: you see the stranger, and they read you.",
        ways: [DEVICE_AGAIN, WITHOUT, TEXT_ONLY],
      };
    case "no-camera":
      return {
        title: "No camera was found",
        text: `Connect one and try again, or go on without: you see the stranger, and they ${reach(problem)} you.`,
        ways: [DEVICE_AGAIN, WITHOUT, TEXT_ONLY],
      };
    case "no-microphone":
      return {
        title: "No microphone was found",
        text: "Connect one and try again, or go on without: the stranger sees and reads you, but does not hear you.",
        ways: [DEVICE_AGAIN, WITHOUT],
      };
    case "camera-in-use":
      return {
        title: "The camera is in use",
        text: `Another program or tab seems to use it: close that and try again, or go on without: the stranger can ${reach(problem)} you.`,
        ways: [DEVICE_AGAIN, WITHOUT, TEXT_ONLY],
      };
    case "insecure-context":
      return {
        title: "No camera on this address",
        text: "Browsers give the camera only to pages whose address begins with https. Open the page that way, or go on without: you see the stranger, and they read you.",
        ways: [WITHOUT, TEXT_ONLY],
      };
    case "unplugged":
      return problem.instead === undefined
        ? {
            title: `Your ${problem.device} is gone`,
            text: `It was unplugged or taken away, and there is no other. The call goes on without: the stranger does not ${problem.device === "camera" ? "see" : "hear"} you now.`,
            ways: [DEVICE_AGAIN, WITHOUT],
          }
        : {
            title: `Your ${problem.device} is gone`,
            text: `It was unplugged or taken away. Now in use: ${problem.instead}.`,
            ways: [UNDERSTOOD],
          };
    case "offline":
      return {
        title: "You are offline",
        text: "This device has no connection to the internet. As soon as there is one, it goes on by itself.",
        ways: [AGAIN, LEAVE],
      };
    case "unreachable":
      return {
        title: "The server does not answer",
        text: "Either it is down, or something between you and it is. Check your connection, or try again in a minute.",
        ways: [AGAIN, LEAVE],
      };
    case "banned":
      return {
        title: "You are banned here",
        text: "Whoever runs this server, or the reports of several people, keep you out for now. If you take it for a mistake, write to whoever runs it.",
        ways: [LEAVE],
      };
    case "rate-limited":
      return {
        title: "Too fast",
        text: `The server has had more from you, or from others on your network, than it takes. ${byItself(problem)}`,
        ways: [AGAIN, LEAVE],
      };
    case "draining":
      return {
        title: "The server is making a pause",
        text: `It takes nobody new at the moment. ${byItself(problem)}`,
        ways: [AGAIN, LEAVE],
      };
    case "too-many-connections":
      return {
        title: "Too many tabs",
        text: "The server takes only so many connections from one network. Close other tabs with this page, then try again.",
        ways: [AGAIN, LEAVE],
      };
    case "replaced":
      return {
        title: "Your visit goes on elsewhere",
        text: "Another tab has taken this visit over. Go on there, or search anew here.",
        ways: [{ label: "Search here", way: "try-again" }, LEAVE],
      };
    case "outdated":
      return {
        title: "This page is out of date",
        text: "The server has a newer one. Reload to get it.",
        ways: [RELOAD],
      };
    case "refused":
      return {
        title: "The server has hung up",
        text: "It did not understand this page. Reload it, or try again.",
        ways: [RELOAD, AGAIN],
      };
    case "call-failed":
      return {
        title: "The connection to the stranger failed",
        text: "Your browsers cannot reach each other at the moment. Try again, or meet somebody else.",
        ways: [RESTART, ANOTHER],
      };
    case "no-relay":
      return {
        title: "The connection to the stranger failed",
        text: "Your networks do not let the two browsers reach each other, and this server has no relay (TURN) for that. Another network, such as Wi-Fi instead of mobile, may do; somebody else may, too.",
        ways: [ANOTHER, RESTART],
      };
  }
}

/** What the server has not done in a call; undefined where that is told elsewhere: it hangs up, or is about signing in. */
export function refusalWords(code: ErrorCode): string | undefined {
  switch (code) {
    case "rate-limited":
      return "Too fast: the last of it was not taken. Wait a moment.";
    case "peer-away":
      return "They are away, and no more is kept for them until they are back.";
    case "unavailable":
      return "The server could not do that now. Try again in a moment.";
    case "bad-message":
    case "too-large":
      return "The server did not take that.";
    default:
      return undefined;
  }
}

const reach = ({ isHeard }: { isHeard: boolean }) => (isHeard ? "hear and read" : "read");
const byItself = ({ retryAt }: { retryAt: number | undefined }) =>
  retryAt === undefined ? "Wait a moment, then try again." : "It goes on by itself in a moment.";
