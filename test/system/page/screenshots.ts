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

/** Saves `<name>-<phone|desktop>-<light|dark>.png`; fails on any violation that axe finds, or if the page is too wide. */
export async function show(page: Page, name: string): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const before = page.viewportSize();
  const found: string[] = [];
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      const look = `${name}-${size}-${colorScheme}`;
      await page.screenshot({ path: join(FOLDER, `${look}.png`), fullPage: true });
      found.push(...(await audit(page)).map((violation) => `${look}: ${violation}`));
    }
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > viewport.width) found.push(`${name}-${size}: ${width} pixels wide`);
  }
  await page.emulateMedia({ colorScheme: null });
  if (before) await page.setViewportSize(before);
  expect(found).toEqual([]);
}
