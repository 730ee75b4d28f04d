/** One page, two screens: the start, and the room in which strangers are searched for and met. */
import { effect } from "@preact/signals";
import { isIn, status } from "./model.ts";
import { StatusLine } from "./parts/status-line.tsx";
import { Room } from "./screens/room.tsx";
import { Start } from "./screens/start.tsx";
import { SignInFront } from "./sign-in/sign-in.tsx";

export function App() {
  return (
    <main class={isIn.value ? "app is-room" : "app is-start"}>
      {/* Outside of the screens: what reads it out listens to this very element. */}
      <StatusLine />
      {isIn.value ? <Room /> : <Start />}
      <SignInFront />
    </main>
  );
}

// Who has gone to another tab meanwhile sees there that somebody has come.
effect(() => {
  document.title = isIn.value ? `${status.value.text} – Satoshigle` : "Satoshigle";
});
