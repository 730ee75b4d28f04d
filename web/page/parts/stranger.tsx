/** Their face, as large as it goes. */
import { useEffect, useRef, useState } from "preact/hooks";
import * as model from "../model.ts";
import { partnerLabel } from "../sign-in/partner.tsx";
import { Icon } from "./icons.tsx";

/** Of this page there is one, which picture in picture needs to get at. */
export const STRANGER_ID = "stranger";

export function Stranger() {
  const view = model.view.value;
  const remote = model.call.value?.remote;
  const video = useRef<HTMLVideoElement>(null);
  const [isBlocked, setBlocked] = useState(false);
  const play = () =>
    video.current?.play().then(
      () => setBlocked(false),
      ({ name }: Error) => setBlocked(name === "NotAllowedError"),
    );
  useEffect(() => {
    if (!video.current) return;
    video.current.srcObject = remote ?? null;
    setBlocked(false);
    if (remote) play();
  }, [remote]);
  const isThere = view?.link === "connected" || view?.link === "reconnecting";
  const isSeen = isThere && view.theirs.video;
  return (
    <div class={isSeen ? "stranger is-seen" : "stranger"}>
      <div class={view ? "nobody" : "nobody is-searching"}>
        <Icon name="person" />
        {isThere && !isSeen && <p>Their camera is off</p>}
      </div>
      {view && (
        <video ref={video} id={STRANGER_ID} aria-label={partnerLabel(view.npub)} autoplay playsInline />
      )}
      {isBlocked && (
        <button type="button" class="primary play" onClick={play}>
          Play
        </button>
      )}
    </div>
  );
}
