/** Every screen in every look: audited, and kept as a picture for people to judge. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { audit } from "./audit.ts";

const FOLDER = fileURLToPath(new URL("../../../artifacts/screenshots/", import.meta.url));

const SIZES = { phone: { width: 360, height: 640 }, desktop: { width: 1280, height: 800 } };
const SCHEMES = ["light", "dark"] as const;

/**
 * Saves `<name>-<phone|desktop>-<light|dark>.png`. Fails on any violation that axe finds, if the page is wider than the
 * screen, or if a way out of a problem is not in sight.
 */
export async function show(page: Page, name: string): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const before = page.viewportSize();
  const found: string[] = [];
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      await settle(page);
      const look = `${name}-${size}-${colorScheme}`;
      await page.screenshot({ path: join(FOLDER, `${look}.png`) });
      found.push(...(await audit(page)).map((violation) => `${look}: ${violation}`));
    }
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > viewport.width) found.push(`${name}-${size}: ${width} pixels wide`);
    found.push(...(await hiddenWaysOut(page)).map((way) => `${name}-${size}: "${way}" is not in sight`));
  }
  await page.emulateMedia({ colorScheme: null });
  if (before) await page.setViewportSize(before);
  expect(found).toEqual([]);
}

/** Waits until colours have turned and things have moved; what moves for ever goes on. */
const settle = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    const ending = document
      .getAnimations()
      .filter(({ effect }) => effect?.getTiming().iterations !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });

/** Buttons of problems of which a part is cut off, or off the screen. */
const hiddenWaysOut = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const buttons = document.querySelectorAll("[role=alert] button");
    if (buttons.length === 0) return [];
    const seen = new Promise<IntersectionObserverEntry[]>((resolve) => {
      const observer = new IntersectionObserver(resolve);
      for (const button of buttons) observer.observe(button);
    });
    return (await seen)
      .filter(({ intersectionRatio }) => intersectionRatio < 0.99)
      .map(({ target }) => target.textContent ?? "");
  });
