/** What is happening at this moment, in words. */
import { clockTime, now } from "../clock.ts";
import { status } from "../model.ts";

export function StatusLine() {
  const { text, since } = status.value;
  return (
    <p id="status" class="status" role="status">
      {text}
      {since !== undefined && <Since since={since} />}
    </p>
  );
}

/** Seconds are for the eye: nobody wants to have each read out. */
function Since({ since }: { since: number }) {
  return <span aria-hidden="true"> since {clockTime((now.value - since) / 1_000)}</span>;
}
