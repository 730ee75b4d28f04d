/** What went wrong with a sign-in, and what to do about it. */
import type { SignInProblem } from "../../nostr/problem.ts";

/** How somebody signs in; `kept`: as they were before, or once they are. */
export type Way = "extension" | "bunker" | "offer" | "kept";

export type Trouble =
  | SignInProblem
  /** The part of the page that knows Nostr did not arrive. */
  | { is: "not-loaded" }
  /** The server has not taken the proof; `code` is its own. */
  | { is: "not-proven"; code: string };

export type Words = { title: string; text: string };

type NotAUri = Extract<SignInProblem, { is: "not-a-bunker-uri" }>["why"];

const NOT_A_URI: Record<NotAUri, Words> = {
  empty: {
    title: "No bunker URI yet",
    text: "Copy it from your signer, where it may be called connection string or bunker token, and paste it here.",
  },
  "private-key": {
    title: "That is a private key",
    text: "Do not give it to any page. It was not sent anywhere. Put it into a signer, and paste the bunker URI that the signer shows.",
  },
  "perhaps-private-key": {
    title: "That may be a private key",
    text: "64 digits by themselves, or a row of words, often are one. Give it to no page. It was not sent anywhere. What goes here begins with bunker://.",
  },
  nostrconnect: {
    title: "That is a link for a signer",
    text: "A nostrconnect URI is made by a page and goes into your signer. Here goes what the signer shows: it begins with bunker://.",
  },
  "too-long": { title: "That is too long", text: "Paste only the bunker URI: it begins with bunker://." },
  unreadable: {
    title: "That is no bunker URI",
    text: "It begins with bunker://, then comes the signer's key (64 digits, or an npub), and relay=wss://…. Copy the whole of it from your signer.",
  },
  "no-relay": {
    title: "The bunker URI names no relay",
    text: "Without one (relay=wss://…) the signer cannot be reached. Have your signer make another URI.",
  },
};

export function wordsFor(trouble: Trouble): Words {
  switch (trouble.is) {
    case "not-a-bunker-uri":
      return NOT_A_URI[trouble.why];
    case "relay-unreachable":
      return {
        title: "The relay cannot be reached",
        text: `${trouble.relays.join(", ") || "There is none, and it"} is what your signer and this page talk through. Check your connection, then try again.`,
      };
    case "refused":
      return {
        title: "Your signer said no",
        text: `${quote(trouble.reason)}Allow it there, or connect anew with a fresh URI or code.`,
      };
    case "extension-refused":
      return {
        title: "Your extension said no",
        text: `${quote(trouble.reason)}Unlock it, and allow this page to read your public key and to sign, then try again.`,
      };
    case "no-answer":
      return {
        title: "Your signer does not answer",
        text: "Open it, see that it is online and whether it asks you something, then try again.",
      };
    case "no-extension":
      return {
        title: "There is no extension",
        text: "It may be switched off for this page. Switch it on and reload the page, or sign in another way.",
      };
    case "bad-answer":
      return {
        title: "Your signer's answer makes no sense",
        text: "What it sent is not what it was asked for. Update it, or use another.",
      };
    case "other-key":
      return {
        title: "Your signer uses another key now",
        text: "It signed as somebody else than who signed in here. Choose the key there, and sign in again.",
      };
    case "cancelled":
      return { title: "Cancelled", text: "Nobody was signed in." };
    case "not-loaded":
      return {
        title: "Signing in could not be loaded",
        text: "Part of the page did not arrive. Check your connection, then try again, or reload the page.",
      };
    case "not-proven":
      return notProven(trouble.code);
  }
}

function notProven(code: string): Words {
  switch (code) {
    case "banned":
      return {
        title: "This identity is banned here",
        text: "If you take it for a mistake, write to whoever runs this server. Without it you may still be let in.",
      };
    case "auth-failed":
      return {
        title: "The server did not accept your signature",
        text: "Mostly it is a clock: see that the time of this device, and of your signer, is right to the minute. Strangers do not see who you are until then.",
      };
    default:
      return {
        title: "The server could not check who you are",
        text: "Strangers do not see who you are until then. Try again in a moment.",
      };
  }
}

/** Whether somebody was refused, and not only told to come back in a moment. */
export const isFinal = (trouble: Trouble): boolean =>
  "reason" in trouble && !/try again/i.test(trouble.reason);

const quote = (reason: string): string => (reason === "" ? "" : `“${reason}”. `);
