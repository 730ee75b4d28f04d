/** The people of one test file: each in a browser context of their own, watched, and gone after each test. */
import type { Browser, BrowserContext, BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, expect, vi } from "vitest";
import { type Devices, launchChromium } from "./chromium.ts";
import { rememberConnections } from "./connections.ts";
import { Person } from "./person.ts";
import type { Stack } from "./stack.ts";
import { watch } from "./watch.ts";

/** Milliseconds in which whatever is waited for must be there. */
const PATIENCE = 15_000;
/** Milliseconds of one test: to show one screen in all its looks takes some seconds. */
const MOST = 90_000;

export type Arrival = {
  devices?: Devices;
  /** Default: the edge's own. */
  url?: URL;
  /** Is run before the page is. */
  prepare?: (context: BrowserContext) => Promise<unknown>;
  options?: BrowserContextOptions;
};

export type Arrive = (stack: Stack, arrival?: Arrival) => Promise<Person>;

/** To be called at the top of a test file. After each test nobody's page may have done what it must not. */
export function visitors(): Arrive {
  vi.setConfig({ testTimeout: MOST });
  const browsers = new Map<Devices, Promise<Browser>>();
  const people: Person[] = [];

  const browserWith = (devices: Devices): Promise<Browser> => {
    const browser = browsers.get(devices) ?? launchChromium(devices);
    browsers.set(devices, browser);
    return browser;
  };

  afterEach(async () => {
    const present = people.splice(0);
    const troubles = await Promise.all(present.map(({ watch }) => watch.troubles()));
    await Promise.all(present.map(({ context }) => context.close()));
    expect(troubles.flat()).toEqual([]);
  });
  afterAll(async () => {
    for (const browser of browsers.values()) await (await browser).close();
  });

  return async (stack, { devices = "allowed", url = stack.url, prepare, options = {} } = {}) => {
    const context = await (await browserWith(devices)).newContext(options);
    context.setDefaultTimeout(PATIENCE);
    const watched = watch(context, stack.hosts);
    await context.addInitScript(rememberConnections);
    await prepare?.(context);
    const person = new Person(context, await context.newPage(), watched);
    people.push(person);
    await person.page.goto(url.href);
    return person;
  };
}
