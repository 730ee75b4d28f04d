/** Whoever is signed in, and the way out. */
import { useEffect, useRef, useState } from "preact/hooks";
import { signOut } from "./identity.ts";
import { nameOf, shortNpub } from "./partner.tsx";
import { profileOf } from "./profiles.ts";

/** @param takesFocus whether the person has just signed in, in a dialog that is gone */
export function Account({ npub, takesFocus }: { npub: string; takesFocus: boolean }) {
  const [isOpen, open] = useState(false);
  const account = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const item = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (takesFocus) button.current?.focus();
  }, []);
  useEffect(() => {
    if (!isOpen) return;
    item.current?.focus();
    const closeOutside = ({ target }: Event) => {
      if (target instanceof Node && !account.current?.contains(target)) open(false);
    };
    addEventListener("pointerdown", closeOutside);
    return () => removeEventListener("pointerdown", closeOutside);
  }, [isOpen]);
  const press = (event: KeyboardEvent) => {
    if (event.key === "Tab") return open(false);
    if (event.key !== "Escape") return;
    event.stopPropagation();
    open(false);
    button.current?.focus();
  };
  return (
    <div ref={account} class="account">
      <button
        ref={button}
        type="button"
        class="plain account-button"
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => open(!isOpen)}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") open(true);
        }}
      >
        <bdi>{nameOf(npub)}</bdi>
      </button>
      {isOpen && (
        <div class="account-menu">
          {profileOf(npub).value?.name != null && <p title={npub}>{shortNpub(npub)}</p>}
          <div role="menu" aria-label="You" tabIndex={-1} onKeyDown={press}>
            <button ref={item} type="button" role="menuitem" class="plain" onClick={signOut}>
              Sign out
            </button>
          </div>
        </div>
      )}
    </div>
  );
}
