/** The three ways to sign in. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Dialog } from "../parts/dialog.tsx";
import { Late } from "./late.tsx";
import { offer, progress } from "./state.ts";
import { withBunker, withExtension, withOffer } from "./ways.ts";
import { type Way, wordsFor } from "./words.ts";

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

function Section({ way, title, children }: { way: Way; title: string; children: ComponentChildren }) {
  const now = progress[way].value;
  const words = now.is === "failed" ? wordsFor(now.trouble) : undefined;
  return (
    <section class="sign-in-way">
      <h3>{title}</h3>
      {children}
      <Late progress={now} />
      {words && (
        <p class="sign-in-failed" role="alert">
          <strong>{words.title}.</strong> {words.text}
        </p>
      )}
    </section>
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

function ByOffer() {
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

function ByBunker({ uri }: { uri: string }) {
  const [text, write] = useState(uri);
  const isAsking = progress.bunker.value.is === "asking";
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
