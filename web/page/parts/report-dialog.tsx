/** What is wrong with this stranger, for whoever runs the server. */
import { useEffect, useRef, useState } from "preact/hooks";
import * as model from "../model.ts";
import * as talk from "../talk.ts";
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
const FAILED = "The report did not reach the server.";

type Progress = "asking" | "sending" | "sent" | "failed";

export function ReportDialog({ onClose }: { onClose: () => void }) {
  // The report is about this one, even if they go meanwhile.
  const [call] = useState(model.call.value);
  const [reason, setReason] = useState("");
  const [details, setDetails] = useState("");
  const [progress, setProgress] = useState<Progress>("asking");
  const form = useRef<HTMLFormElement>(null);
  const isOpen = useRef(true);
  useEffect(
    () => () => {
      isOpen.current = false;
    },
    [],
  );

  const report = async (isBlocked: boolean) => {
    if (!call) return;
    setProgress("sending");
    const dialog = form.current?.closest("dialog");
    try {
      await call.report(details.trim() === "" ? reason : `${reason}: ${details.trim()}`);
    } catch {
      // Whoever has closed the dialog reads it in the chat.
      if (isOpen.current) setProgress("failed");
      else talk.note(FAILED);
      return;
    }
    if (isBlocked) {
      call.block();
      dialog?.close();
      talk.note("Thank you. The report was taken; you will not meet again.");
    } else if (isOpen.current) setProgress("sent");
    else talk.note("Thank you. The report was taken.");
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
  const isSending = progress === "sending";
  const isReady = reason !== "" && !isSending;
  return (
    <Dialog title="Report" onClose={onClose}>
      <form
        ref={form}
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
        <div class="ways">
          <p role="status">{isSending && <Sending />}</p>
          {progress === "failed" && (
            <p role="alert">{FAILED} Try again in a moment; to leave them, press Next.</p>
          )}
          <button type="submit" class="primary" disabled={!isReady}>
            Report
          </button>
          <button type="button" class="plain" disabled={!isReady} onClick={() => report(true)}>
            Report and block
          </button>
          <button type="button" class="plain" onClick={closeDialog}>
            {isSending ? "Close" : "Cancel"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Sending() {
  if (model.isAttached.value) return <>Sending…</>;
  return <>Sending… The server is away: this is tried until it is back, also if you close this.</>;
}
