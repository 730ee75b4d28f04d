/** How good the way to the stranger is, as bars, and in a word for who does not see them. */
import { useEffect, useState } from "preact/hooks";
import type { Quality } from "../../client/call.ts";
import * as model from "../model.ts";

const EVERY_MS = 3_000;

export function QualityMeter() {
  const call = model.call.value;
  const [quality, setQuality] = useState<Quality | undefined>();
  useEffect(() => {
    let isGone = false;
    const look = () =>
      call?.quality().then(
        (found) => isGone || setQuality(found),
        () => undefined,
      );
    look();
    const timer = setInterval(look, EVERY_MS);
    return () => {
      isGone = true;
      clearInterval(timer);
    };
  }, [call]);
  const level = quality?.level ?? "unknown";
  const way = quality?.route === "relay" ? ", through a relay" : "";
  return (
    <span
      class={`quality is-${level}`}
      role="img"
      aria-label={`Connection: ${level}`}
      title={`Connection: ${level}${way}`}
    >
      <i /> <i /> <i />
    </span>
  );
}
