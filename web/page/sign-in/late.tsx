/** What to say while a signer takes its time. */
import type { Progress } from "./state.ts";

export function Late({ progress }: { progress: Progress }) {
  if (progress.is !== "asking") return null;
  const { isLate, approveAt } = progress;
  if (approveAt !== undefined) {
    return (
      <p class="late">
        Your signer wants you to approve this at{" "}
        <a href={approveAt} target="_blank" rel="noopener noreferrer">
          {new URL(approveAt).host}
        </a>
        . Come back here afterwards.
      </p>
    );
  }
  return isLate ? (
    <p class="late">Still waiting for your signer. Open it, and see whether it asks you something.</p>
  ) : null;
}
