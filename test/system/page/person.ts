/** Somebody at the page, who finds things by what a screen reader calls them. */
import type { BrowserContext, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { type Figures, figuresOf } from "./connections.ts";
import type { Watch } from "./watch.ts";

/** Milliseconds from one picture to the next, at the most, while a call is on its way. */
const TALKING_MS = 20_000;

export type Wish = { isTextOnly?: boolean; interests?: string; hidesAddress?: boolean };

export class Person {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly watch: Watch;

  constructor(context: BrowserContext, page: Page, watch: Watch) {
    this.context = context;
    this.page = page;
    this.watch = watch;
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  press(name: string): Promise<void> {
    return this.button(name).click();
  }

  /** Fills in the start screen, and presses Start. */
  async start({ isTextOnly = false, interests, hidesAddress = false }: Wish = {}): Promise<void> {
    if (isTextOnly) await this.page.getByRole("radio", { name: "Text only" }).check();
    if (interests !== undefined) await this.page.getByRole("textbox", { name: "Interests" }).fill(interests);
    if (hidesAddress) await this.page.getByRole("checkbox", { name: "Hide my address" }).check();
    await this.press("Start");
  }

  /** Waits until that is what happens, in words; of a string the beginning. */
  reads(status: string | RegExp): Promise<void> {
    const hasText = typeof status === "string" ? beginningWith(status) : status;
    return this.page.locator("#status").filter({ hasText }).waitFor();
  }

  /** Waits for a problem, and returns it. */
  async problem(text: string | RegExp): Promise<Locator> {
    const alert = this.page.getByRole("alert").filter({ hasText: text });
    await alert.waitFor();
    return alert;
  }

  dialog(name: string): Locator {
    return this.page.getByRole("dialog", { name });
  }

  get chat(): Locator {
    return this.page.getByRole("log", { name: "Chat" });
  }

  async say(text: string): Promise<void> {
    await this.page.getByRole("textbox", { name: "Message" }).fill(text);
    await this.press("Send");
  }

  hears(text: string): Promise<void> {
    return this.chat.getByText(text).waitFor();
  }

  figures(): Promise<Figures> {
    return figuresOf(this.page);
  }

  /** Waits until frames of the stranger are decoded: more than there have been. */
  async sees(): Promise<void> {
    const { framesDecoded } = await this.figures();
    await expect
      .poll(async () => (await this.figures()).framesDecoded, { timeout: TALKING_MS })
      .toBeGreaterThan(framesDecoded);
  }
}

/** A locator takes a string to be there in any case, anywhere. */
const beginningWith = (text: string) => new RegExp(`^\\s*${text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}`);

/** Both search, and talk when this is over. */
export async function meet(one: Person, other: Person, wish: Wish = {}): Promise<void> {
  await Promise.all([one.start(wish), other.start(wish)]);
  await talk(one, other);
}

/** Waits until both are connected, and each sees the other. */
export async function talk(one: Person, other: Person): Promise<void> {
  await Promise.all([one.reads("Connected"), other.reads("Connected")]);
  await Promise.all([one.sees(), other.sees()]);
}
