/** What it is, how one looks, what one is after: and in. */
import { useEffect, useRef } from "preact/hooks";
import * as choices from "../choices.ts";
import { settings } from "../edge.ts";
import * as model from "../model.ts";
import { DeviceChoice } from "../parts/device-choice.tsx";
import { Keys } from "../parts/keys.tsx";
import { Online } from "../parts/online.tsx";
import { Preview } from "../parts/preview.tsx";
import { ProblemCard } from "../parts/problem-card.tsx";
import { SignIn, SignInTrouble } from "../sign-in/sign-in.tsx";
import { start } from "../starting.ts";

/** Whoever comes back from the room finds the focus where they began. */
let isComingBack = false;

export function Start() {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isComingBack) button.current?.focus();
    isComingBack = true;
  }, []);
  const problem = model.problem.value;
  return (
    <div class="start">
      <header>
        <h1 tabIndex={-1}>Satoshigle</h1>
        <SignIn />
      </header>
      {problem && <ProblemCard problem={problem} />}
      <SignInTrouble />
      <div class="look">
        <Preview />
        <DeviceChoice isUnneeded={choices.mode.value === "text"} />
      </div>
      <form
        class="wish"
        onSubmit={(event) => {
          event.preventDefault();
          start();
        }}
      >
        <p class="lede">
          Meet somebody new. <span>Faces and words go from browser to browser.</span>
        </p>
        <ModeChoice />
        <label class="field">
          <span>Interests</span>
          <input
            type="text"
            autocomplete="off"
            enterkeyhint="go"
            maxLength={300}
            placeholder="jazz, chess, cooking"
            aria-describedby="interests-help"
            value={choices.interests.value}
            onInput={({ currentTarget }) => {
              choices.interests.value = currentTarget.value;
            }}
          />
          <small id="interests-help">Who shares one comes first. Separate them by commas.</small>
        </label>
        {settings.value?.hidesAddress && <HideAddress />}
        <Keys />
        <div class="go">
          <p class="online">
            <Online />
          </p>
          <button ref={button} type="submit" class="primary large">
            Start
          </button>
        </div>
      </form>
    </div>
  );
}

function ModeChoice() {
  const radio = (value: "video" | "text", label: string) => (
    <label>
      <input
        type="radio"
        name="mode"
        value={value}
        checked={choices.mode.value === value}
        onChange={() => {
          choices.mode.value = value;
        }}
      />
      <span>{label}</span>
    </label>
  );
  return (
    <fieldset class="modes">
      <legend class="unseen">How to meet</legend>
      {radio("video", "Video")}
      {radio("text", "Text only")}
    </fieldset>
  );
}

function HideAddress() {
  return (
    <label class="check">
      <input
        type="checkbox"
        aria-describedby="hide-address-help"
        checked={choices.hideAddress.value}
        onChange={({ currentTarget }) => {
          choices.hideAddress.value = currentTarget.checked;
        }}
      />
      <span>Hide my address</span>
      <small id="hide-address-help">
        All goes through this server's relay: strangers do not see your IP address.
      </small>
    </label>
  );
}
