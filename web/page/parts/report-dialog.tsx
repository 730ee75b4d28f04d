/** What is wrong with this stranger, for whoever runs the server. */
import { useState } from "preact/hooks";
import * as model from "../model.ts";
import { closeDialog, Dialog } from "./dialog.tsx";

const REASONS = [
  "Nudity or sex",
  "Harassment or threats",
  "A child, or harm to one",
  "Spam or fraud",
  "Something else",
];
/** Of the protocol's 500 characters. */
const MAX_DETAILS = 400;

export function ReportDialog({ onClose }: { onClose: () => void }) {
  // The report is about this one, even if they go meanwhile.
  const [call] = useState(model.call.value);
  const [reason, setReason] = useState("");
  const [details, setDetails] = useState("");
  const [progress, setProgress] = useState<"asking" | "sending" | "sent" | "failed">("asking");

  const report = async (isBlocked: boolean) => {
    if (!call) return;
    setProgress("sending");
    try {
      await call.report(details.trim() === "" ? reason : `${reason}: ${details.trim()}`);
      setProgress("sent");
    } catch {
      return setProgress("failed");
    }
    if (isBlocked) {
      call.block();
      onClose();
    }
  };

  if (progress === "sent") {
    return (
      <Dialog title="Report" onClose={onClose}>
        <p role="status">Thank you. The report was taken.</p>
        <div class="ways">
          <button type="button" class="primary" onClick={closeDialog}>
            Close
          </button>
        </div>
      </Dialog>
    );
  }
  const isReady = reason !== "" && progress !== "sending";
  return (
    <Dialog title="Report" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          report(false);
        }}
      >
        <fieldset class="reasons">
          <legend>What is wrong?</legend>
          {REASONS.map((text) => (
            <label key={text} class="check">
              <input
                type="radio"
                name="reason"
                required
                checked={reason === text}
                onChange={() => setReason(text)}
              />
              <span>{text}</span>
            </label>
          ))}
        </fieldset>
        <label class="field">
          <span>Details, if you like</span>
          <textarea
            rows={2}
            maxLength={MAX_DETAILS}
            onInput={({ currentTarget }) => setDetails(currentTarget.value)}
          />
        </label>
        {progress === "failed" && (
          <p role="alert">
            The report did not reach the server. Try again in a moment; to leave them, press Next.
          </p>
        )}
        <div class="ways">
          <button type="submit" class="primary" disabled={!isReady}>
            Report
          </button>
          <button type="button" class="plain" disabled={!isReady} onClick={() => report(true)}>
            Report and block
          </button>
          <button type="button" class="plain" onClick={closeDialog}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
