/** Full screen and picture in picture, where the browser has them. */
import { Icon } from "./icons.tsx";
import { STRANGER_ID } from "./stranger.tsx";

export function FullScreen() {
  if (!document.fullscreenEnabled) return null;
  const toggle = () =>
    document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
  return (
    <button type="button" class="round" aria-label="Full screen" title="Full screen" onClick={toggle}>
      <Icon name="full-screen" />
    </button>
  );
}

export function PictureInPicture() {
  if (!document.pictureInPictureEnabled) return null;
  const toggle = async () => {
    const video = document.getElementById(STRANGER_ID);
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    // It is refused before the first frame: then there is nothing to see in it.
    else if (video instanceof HTMLVideoElement) await video.requestPictureInPicture().catch(() => undefined);
  };
  return (
    <button
      type="button"
      class="round"
      aria-label="Picture in picture"
      title="Picture in picture"
      onClick={toggle}
    >
      <Icon name="picture-in-picture" />
    </button>
  );
}
