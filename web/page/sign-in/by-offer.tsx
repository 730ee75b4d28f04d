/** A code to scan and a link to open: the signer then gets in touch with the page. */
import { useState } from "preact/hooks";
import { Section } from "./section.tsx";
import { offer, progress } from "./state.ts";
import { withOffer } from "./ways.ts";

export function ByOffer() {
  const now = progress.offer.value;
  const made = offer.value;
  return (
    <Section way="offer" title="With a signer on your phone">
      {now.is === "failed" ? (
        <button type="button" class="plain" onClick={withOffer}>
          Try again
        </button>
      ) : (
        <div class="sign-in-offer">
          {made ? <img src={made.image} alt="QR code" width={176} height={176} /> : <div class="no-code" />}
          <div>
            <p>Scan the code in your signer, such as Amber, or open the link on this device.</p>
            {made && (
              <div class="ways">
                <a class="plain" href={made.uri}>
                  Open in a signer
                </a>
                <CopyLink uri={made.uri} />
              </div>
            )}
          </div>
        </div>
      )}
    </Section>
  );
}

function CopyLink({ uri }: { uri: string }) {
  const [state, turn] = useState<"idle" | "copied" | "refused">("idle");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(uri);
      turn("copied");
    } catch {
      turn("refused");
    }
  };
  return (
    <>
      <button type="button" class="plain" onClick={copy}>
        Copy link
      </button>
      <span class="copied" aria-live="polite">
        {state === "copied" && "Copied"}
      </span>
      {state === "refused" && (
        <label class="field">
          <span>Copy it from here</span>
          <input type="text" readOnly value={uri} onFocus={({ currentTarget }) => currentTarget.select()} />
        </label>
      )}
    </>
  );
}
