/** One's own picture in the room: small, and to be moved out of the way. */
import { useEffect, useRef } from "preact/hooks";
import * as devices from "../devices.ts";
import { Icon } from "./icons.tsx";
import { OwnVideo } from "./own-video.tsx";

/** Where it is, from 0 to 1 of the room that there is: so it stays inside when the window changes. */
const place = { x: 1, y: 0 };
const STEP = 0.1;

const MOVES: Record<string, [number, number]> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

export function SelfView() {
  const box = useRef<HTMLDivElement>(null);
  const moveBy = (x: number, y: number) => {
    place.x = Math.min(1, Math.max(0, place.x + x));
    place.y = Math.min(1, Math.max(0, place.y + y));
    box.current?.style.setProperty("--x", String(place.x));
    box.current?.style.setProperty("--y", String(place.y));
  };
  useEffect(() => moveBy(0, 0), []);

  const drag = (event: PointerEvent) => {
    const self = box.current;
    const room = self?.parentElement;
    if (!self || !room || !(event.buttons & 1)) return;
    moveBy(
      event.movementX / Math.max(1, room.clientWidth - self.offsetWidth),
      event.movementY / Math.max(1, room.clientHeight - self.offsetHeight),
    );
  };
  const grab = (event: PointerEvent) => {
    if (event.currentTarget instanceof Element) event.currentTarget.setPointerCapture(event.pointerId);
  };
  const step = (event: KeyboardEvent) => {
    const move = MOVES[event.key];
    if (!move) return;
    event.preventDefault();
    moveBy(...move);
  };
  return (
    <div class="self-room">
      <div ref={box} class={devices.hasCamera.value ? "self is-seen" : "self"}>
        <Icon name="person" />
        <OwnVideo
          label="You"
          aria-description="Arrow keys move it"
          tabIndex={0}
          onPointerDown={grab}
          onPointerMove={drag}
          onKeyDown={step}
        />
        {devices.isSilent.value && <span class="muted">Muted</span>}
      </div>
    </div>
  );
}
