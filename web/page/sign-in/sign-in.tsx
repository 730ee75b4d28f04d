/** The button that signs in, or says who is signed in; and what went wrong with that later. */
import { useRef } from "preact/hooks";
import { Account } from "./account.tsx";
import { SignInDialog } from "./dialog.tsx";
import { signOut } from "./identity.ts";
import { Late } from "./late.tsx";
import { dialog, identity, progress } from "./state.ts";
import { closeDialog, dismiss, openDialog, tryAgain } from "./ways.ts";
import { wordsFor } from "./words.ts";

export function SignIn() {
  const wasOpen = useRef(false);
  if (identity.value) return <Account npub={identity.value.npub} takesFocus={wasOpen.current} />;
  wasOpen.current = dialog.value !== undefined;
  // A link signs in without the dialog.
  const isAsking = progress.bunker.value.is === "asking" || progress.kept.value.is === "asking";
  return (
    <div class="sign-in">
      {isAsking && !dialog.value && <span class="signing-in">Signing in…</span>}
      <button type="button" class="plain" onClick={() => openDialog()}>
        Sign in
      </button>
    </div>
  );
}

/** In front of every screen: a link may ask for it at any time. */
export function SignInFront() {
  return dialog.value ? <SignInDialog uri={dialog.value.uri} onClose={closeDialog} /> : null;
}

/** What is to be said of who is, or was, signed in; for every screen. */
export function SignInTrouble() {
  const now = progress.kept.value;
  if (now.is === "asking") return <Late progress={now} />;
  if (now.is === "idle") return null;
  const { title, text } = wordsFor(now.trouble);
  return (
    <div class="problem" role="alert">
      <h2>{title}</h2>
      <p>
        {text}
        {now.isForgotten && " You are signed out on this page."}
      </p>
      <div class="ways">
        {now.isForgotten ? (
          <button type="button" class="primary" onClick={dismiss}>
            All right
          </button>
        ) : (
          <>
            <button type="button" class="primary" onClick={tryAgain}>
              Try again
            </button>
            <button type="button" class="plain" onClick={signOut}>
              Sign out
            </button>
          </>
        )}
      </div>
    </div>
  );
}
