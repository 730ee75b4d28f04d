/** Who somebody has proven to be, and what they call themselves: the name beside the npub, never instead of it. */
import { useState } from "preact/hooks";
import { hideAddress } from "../choices.ts";
import { profileOf } from "./profiles.ts";

/** `npub1abcd…wxyz`: enough to tell people apart at a glance. */
export const shortNpub = (npub: string): string => `${npub.slice(0, 9)}…${npub.slice(-4)}`;

/** What a person is called in one word or two. */
export const nameOf = (npub: string): string => profileOf(npub).value?.name ?? shortNpub(npub);

/** What the stranger's picture is called: the name with the npub, as it is shown. */
export const partnerLabel = (npub: string | null): string => {
  if (npub === null) return "Stranger";
  const name = profileOf(npub).value?.name ?? null;
  return name === null ? shortNpub(npub) : `${name}, ${shortNpub(npub)}`;
};

/** @param npub what the server has verified */
export function Partner({ npub }: { npub: string }) {
  const { name, picture } = profileOf(npub).value ?? { name: null, picture: null };
  return (
    <span class="partner">
      {picture !== null && !hideAddress.value && <Picture key={picture} url={picture} />}
      <span class="partner-names">
        {name !== null && <bdi>{name}</bdi>}
        <span class="partner-npub" title={npub}>
          {shortNpub(npub)}
        </span>
      </span>
    </span>
  );
}

/** It is on a host of the stranger's choosing, which learns the address of whoever looks: that is asked for first. */
function Picture({ url }: { url: string }) {
  const [state, turn] = useState<"offered" | "shown" | "broken">("offered");
  if (state === "broken") return null;
  if (state === "shown") {
    return (
      <img
        class="partner-picture"
        src={url}
        alt="What they chose to show"
        width={44}
        height={44}
        referrerpolicy="no-referrer"
        onError={() => turn("broken")}
      />
    );
  }
  return (
    <button type="button" class="plain partner-show" onClick={() => turn("shown")}>
      Show picture (from {new URL(url).hostname})
    </button>
  );
}
