/** The button that signs in, or says who is signed in; and what went wrong with that later. */
import { useRef } from "preact/hooks";
import { Account } from "./account.tsx";
import { joinOtherTab } from "./begin.ts";
import { SignInDialog } from "./dialog.tsx";
import { signOut } from "./identity.ts";
import { Late } from "./late.tsx";
import { dialog, identity, isElsewhere, progress } from "./state.ts";
import { closeDialog, dismiss, openDialog, tryAgain } from "./ways.ts";
import { type Trouble, wordsFor } from "./words.ts";

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

/** What is to be said of who is, was, or is about to be signed in; for every screen. */
export function SignInTrouble() {
  const now = progress.kept.value;
  return (
    <>
      {/* A link signs in without the dialog. */}
      {!dialog.value && <Late progress={progress.bunker.value} />}
      <Late progress={now} />
      {now.is === "failed" && <Failed trouble={now.trouble} isForgotten={now.isForgotten} />}
      {isElsewhere.value && !identity.value && <Elsewhere />}
    </>
  );
}

function Failed({ trouble, isForgotten }: { trouble: Trouble; isForgotten: boolean }) {
  const { title, text } = wordsFor(trouble);
  return (
    <div class="problem" role="alert">
      <h2>{title}</h2>
      <p>
        {text}
        {isForgotten ? " You are signed out on this page." : !identity.value && " You are not signed in."}
      </p>
      <div class="ways">
        {isForgotten ? (
          <button type="button" class="primary" onClick={dismiss}>
            All right
          </button>
        ) : (
          <>
            <button type="button" class="primary" onClick={tryAgain}>
              Try again
            </button>
            <button type="button" class="plain" onClick={signOut}>
              {identity.value ? "Sign out" : "Stay signed out"}
            </button>
          </>
        )}
      </div>
    </div>
  );
}

function Elsewhere() {
  const notNow = () => {
    isElsewhere.value = false;
  };
  return (
    <div class="problem" role="alert">
      <h2>You signed in in another tab</h2>
      <p>Here nobody sees who you are.</p>
      <div class="ways">
        <button type="button" class="primary" onClick={joinOtherTab}>
          Sign in here, too
        </button>
        <button type="button" class="plain" onClick={notNow}>
          Not now
        </button>
      </div>
    </div>
  );
}
