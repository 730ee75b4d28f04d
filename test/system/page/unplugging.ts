/** A camera that can be unplugged: Chromium's fake devices cannot, so the page is made to believe it. */
import type { Page } from "playwright-core";

declare global {
  interface Window {
    unplugCamera(): void;
    plugCameraIn(): void;
  }
}

/** To be run before the page's own scripts. */
export const makeUnpluggable = (): void => {
  const devices = navigator.mediaDevices;
  // The empty page before the first has none.
  if (!devices) return;
  const getUserMedia = devices.getUserMedia.bind(devices);
  const enumerateDevices = devices.enumerateDevices.bind(devices);
  const cameras = new Set<MediaStreamTrack>();
  let isPlugged = true;

  devices.getUserMedia = async (wanted = {}) => {
    if (wanted.video && !isPlugged) throw new DOMException("Requested device not found", "NotFoundError");
    const stream = await getUserMedia(wanted);
    for (const track of stream.getVideoTracks()) cameras.add(track);
    return stream;
  };
  devices.enumerateDevices = async () =>
    (await enumerateDevices()).filter(({ kind }) => isPlugged || kind !== "videoinput");

  window.unplugCamera = () => {
    isPlugged = false;
    for (const track of cameras) {
      if (track.readyState === "ended") continue;
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
    cameras.clear();
    devices.dispatchEvent(new Event("devicechange"));
  };
  window.plugCameraIn = () => {
    isPlugged = true;
    devices.dispatchEvent(new Event("devicechange"));
  };
};

export const unplugCamera = (page: Page): Promise<void> => page.evaluate(() => window.unplugCamera());
export const plugCameraIn = (page: Page): Promise<void> => page.evaluate(() => window.plugCameraIn());
