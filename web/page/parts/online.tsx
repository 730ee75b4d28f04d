/** How many people are there. */
import { presence } from "../edge.ts";

export function Online() {
  const there = presence.value;
  // Until it is known, a blank that keeps the line as high as it will be.
  return <>{there ? `${there.online} online, ${there.waiting} waiting` : "\u00a0"}</>;
}
