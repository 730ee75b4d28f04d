/** Every track that a page has ever opened, and a browser that takes its time to open one. */
import type { Page } from "playwright-core";

declare global {
  interface Window {
    /** All that getUserMedia has given. */
    opened: MediaStreamTrack[];
    /** From now on it does not answer. */
    holdDevices(): void;
    /** Now it does; resolves once each question has been answered, and the page has heard of it. */
    releaseDevices(): Promise<void>;
  }
}

/** To be run before the page's own scripts. */
export const rememberTracks = (): void => {
  window.opened = [];
  const devices = navigator.mediaDevices;
  // The empty page before the first has none.
  if (!devices) return;
  const getUserMedia = devices.getUserMedia.bind(devices);
  let gate = Promise.resolve();
  let open = () => {};
  const questions = new Set<Promise<unknown>>();

  devices.getUserMedia = (wanted) => {
    const question = gate.then(async () => {
      const stream = await getUserMedia(wanted);
      window.opened.push(...stream.getTracks());
      return stream;
    });
    questions.add(question);
    return question;
  };
  window.holdDevices = () => {
    gate = new Promise((resolve) => {
      open = resolve;
    });
  };
  window.releaseDevices = async () => {
    open();
    // To answer one question may lead to the next.
    for (const question of questions) {
      await question.catch(() => {});
      await new Promise((resolve) => setTimeout(resolve));
    }
  };
};

export const holdDevices = (page: Page): Promise<void> => page.evaluate(() => window.holdDevices());
export const releaseDevices = (page: Page): Promise<void> => page.evaluate(() => window.releaseDevices());

/** What the camera and the microphone are on for: the kind of each track that is live. */
export const liveKinds = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    window.opened
      .filter(({ readyState }) => readyState === "live")
      .map(({ kind }) => kind)
      .toSorted(),
  );

/** Live tracks that the newest connection does not send. */
export const liveUnsent = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const sent = window.connections
      .at(-1)
      ?.getSenders()
      .map(({ track }) => track);
    return window.opened
      .filter((track) => track.readyState === "live" && !sent?.includes(track))
      .map(({ kind }) => kind);
  });
