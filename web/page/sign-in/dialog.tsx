/** The three ways to sign in. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Dialog } from "../parts/dialog.tsx";
import { ByOffer } from "./by-offer.tsx";
import { Section } from "./section.tsx";
import { progress } from "./state.ts";
import { withBunker, withExtension } from "./ways.ts";

export function SignInDialog({ uri, onClose }: { uri: string; onClose: () => void }) {
  const about = useRef<HTMLParagraphElement>(null);
  // Not the text field, as the browser would: on a phone the keyboard would cover the rest.
  useEffect(() => about.current?.focus(), []);
  return (
    <Dialog title="Sign in" onClose={onClose}>
      <p ref={about} class="sign-in-about" tabIndex={-1}>
        Strangers you meet then see your Nostr name. Your key stays in your signer: this page never has it.
      </p>
      {"nostr" in globalThis && <ByExtension />}
      <ByOffer />
      <ByBunker uri={uri} />
      {!("nostr" in globalThis) && <NoExtension />}
      <div class="ways">
        <button
          type="button"
          class="plain"
          onClick={({ currentTarget }) => currentTarget.closest("dialog")?.close()}
        >
          Cancel
        </button>
      </div>
    </Dialog>
  );
}

function ByExtension() {
  const isAsking = progress.extension.value.is === "asking";
  return (
    <Section way="extension" title="In this browser">
      <button type="button" class="primary" disabled={isAsking} onClick={withExtension}>
        Browser extension
      </button>
      {isAsking && <p class="late">Your extension may be asking you in a window of its own.</p>}
    </Section>
  );
}

function NoExtension() {
  return (
    <section class="sign-in-way">
      <h3>In this browser</h3>
      <p>
        There is no Nostr extension here. Install one from your browser's store, such as nos2x or Alby, then
        reload this page.
      </p>
    </section>
  );
}

function ByBunker({ uri }: { uri: string }) {
  const [text, write] = useState(uri);
  const now = progress.bunker.value;
  const isAsking = now.is === "asking";
  // A private key is not left where it can be seen, or sent after all.
  useEffect(() => {
    const trouble = now.is === "failed" ? now.trouble : undefined;
    if (trouble?.is === "not-a-bunker-uri" && trouble.why.endsWith("private-key")) write("");
  }, [now]);
  return (
    <Section way="bunker" title="With a bunker URI">
      <form
        class="sign-in-bunker"
        onSubmit={(event) => {
          event.preventDefault();
          withBunker(text);
        }}
      >
        <label class="field">
          <span>Bunker URI</span>
          <input
            type="text"
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            placeholder="bunker://…"
            value={text}
            onInput={({ currentTarget }) => write(currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary" disabled={isAsking}>
          Connect
        </button>
      </form>
      {isAsking && <p class="late">Asking your signer…</p>}
    </Section>
  );
}
