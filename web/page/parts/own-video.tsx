/** One's own picture, as in a mirror. */
import type { ComponentProps } from "preact";
import { useEffect, useRef } from "preact/hooks";
import * as devices from "../devices.ts";

export function OwnVideo({ label, ...more }: { label: string } & ComponentProps<"video">) {
  const video = useRef<HTMLVideoElement>(null);
  const track = devices.stream.value?.getVideoTracks()[0];
  useEffect(() => {
    // Only of the camera: a mute makes a new stream, and is nothing to see.
    if (video.current) video.current.srcObject = track ? new MediaStream([track]) : null;
  }, [track]);
  return <video ref={video} class="own" aria-label={label} autoplay muted playsInline {...more} />;
}
