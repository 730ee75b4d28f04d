/** Debian's Chromium, driven by playwright-core, with a camera that shows a moving picture and no question asked. */
import { type Browser, chromium } from "playwright-core";

/** What somebody's computer has, and what they answer when a page asks for it. */
export type Devices = "allowed" | "refused" | "none";

/** So that a call between two pages of one machine comes about: over loopback, under real addresses. */
const CALLS = ["--disable-features=WebRtcHideLocalIpsWithMdns", "--allow-loopback-in-peer-connection"];

const DEVICES: Record<Devices, string[]> = {
  allowed: ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"],
  refused: ["--use-fake-ui-for-media-stream=deny", "--use-fake-device-for-media-stream"],
  none: ["--use-fake-ui-for-media-stream"],
};

/** Starts a browser of its own. Each of its contexts is one person. */
export async function launchChromium(devices: Devices = "allowed"): Promise<Browser> {
  try {
    return await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", ...CALLS, ...DEVICES[devices]],
    });
  } catch (error) {
    throw new Error('Chromium does not start; "npm run system:prepare" installs it.', { cause: error });
  }
}
