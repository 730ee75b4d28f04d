/** Signing in and out at the page. */
import type { Locator } from "playwright-core";
import type { Person } from "./person.ts";

/** How the page shows an npub: the beginning and the end. */
export const shortened = (npub: string) => new RegExp(`${npub.slice(0, 9)}.*${npub.slice(-4)}`);

export async function openSignIn(person: Person): Promise<Locator> {
  await person.press("Sign in");
  const dialog = person.dialog("Sign in");
  await dialog.waitFor();
  return dialog;
}

const ownName = ({ page }: Person, npub: string) => page.getByRole("button", { name: shortened(npub) });

export const isSignedIn = (person: Person, npub: string): Promise<void> => ownName(person, npub).waitFor();

export async function signOut(person: Person, npub: string): Promise<void> {
  await ownName(person, npub).click();
  await person.page.getByRole("menuitem", { name: "Sign out" }).click();
  await person.button("Sign in").waitFor();
}

/** What the page keeps for a reload. */
export const kept = ({ page }: Person): Promise<string | null> =>
  page.evaluate(() => localStorage.getItem("satoshigle.sign-in"));
