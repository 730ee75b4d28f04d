/** Devices that can be unplugged: Chromium's fake ones cannot, so the page is made to believe it. */
import type { Page } from "playwright-core";

type Device = "camera" | "microphone";

declare global {
  interface Window {
    unplug(device: Device): void;
    plugIn(device: Device): void;
  }
}

/** To be run before the page's own scripts. */
export const makeUnpluggable = (): void => {
  const devices = navigator.mediaDevices;
  // The empty page before the first has none.
  if (!devices) return;
  const getUserMedia = devices.getUserMedia.bind(devices);
  const enumerateDevices = devices.enumerateDevices.bind(devices);
  const kinds = { camera: "video", microphone: "audio" } as const;
  const unplugged = new Set<"video" | "audio">();
  const tracks = new Set<MediaStreamTrack>();

  devices.getUserMedia = async (wanted = {}) => {
    if ([...unplugged].some((kind) => wanted[kind])) {
      throw new DOMException("Requested device not found", "NotFoundError");
    }
    const stream = await getUserMedia(wanted);
    for (const track of stream.getTracks()) tracks.add(track);
    return stream;
  };
  devices.enumerateDevices = async () =>
    (await enumerateDevices()).filter(({ kind }) => ![...unplugged].some((gone) => kind.startsWith(gone)));

  window.unplug = (device) => {
    unplugged.add(kinds[device]);
    for (const track of tracks) {
      if (track.readyState === "ended" || track.kind !== kinds[device]) continue;
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
    devices.dispatchEvent(new Event("devicechange"));
  };
  window.plugIn = (device) => {
    unplugged.delete(kinds[device]);
    devices.dispatchEvent(new Event("devicechange"));
  };
};

export const unplug = (page: Page, device: Device): Promise<void> =>
  page.evaluate((which) => window.unplug(which), device);
export const plugIn = (page: Page, device: Device): Promise<void> =>
  page.evaluate((which) => window.plugIn(which), device);
