/** Everything that can be in somebody's way, in words, each with at least one way out. */
import type { ErrorCode } from "../../protocol/messages.ts";
import type { DeviceProblem } from "./device-problem.ts";
import { wordsForDevices, wordsForReplaced } from "./device-words.ts";

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
const LEAVE = { label: "Back to the start", way: "leave" } as const;
const RELOAD = { label: "Reload", way: "reload" } as const;
const ANOTHER = { label: "Meet somebody else", way: "next" } as const;
const RESTART = { label: "Try again", way: "restart-call" } as const;

/** What has happened, what to do about it, and the buttons for it. */
export function wordsFor(problem: Problem): Words {
  switch (problem.is) {
    case "no-device":
      return wordsForDevices(problem);
    case "device-replaced":
      return wordsForReplaced(problem);
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

const byItself = ({ retryAt }: { retryAt: number | undefined }) =>
  retryAt === undefined ? "Wait a moment, then try again." : "It goes on by itself in a moment.";
