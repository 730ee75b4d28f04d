/** How many people are there. */
import { useEffect } from "preact/hooks";
import { presence, readPresence } from "../edge.ts";
import { status } from "../model.ts";

export function Online() {
  const isWaiting = status.value.since !== undefined;
  useEffect(() => {
    if (isWaiting) readPresence();
  }, [isWaiting]);
  const there = presence.value;
  // Until it is known, a blank that keeps the line as high as it will be.
  if (!there) return <>{"\u00a0"}</>;
  // The numbers are a few seconds old: they may be from before one came oneself.
  const oneself = isWaiting ? 1 : 0;
  const [online, waiting] = [Math.max(there.online, oneself), Math.max(there.waiting, oneself)];
  return <>{`${online} online, ${waiting} waiting`}</>;
}
