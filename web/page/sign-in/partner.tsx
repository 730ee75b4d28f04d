/** Who a stranger has proven to be. */

/** `npub1abcd…wxyz`: enough to tell people apart at a glance. */
export const shortNpub = (npub: string): string => `${npub.slice(0, 9)}…${npub.slice(-4)}`;

/** What the stranger's picture is called: a name, or the npub in short. */
export const partnerLabel = (npub: string | null): string => (npub === null ? "Stranger" : shortNpub(npub));

export function Partner({ npub }: { npub: string }) {
  return <span class="partner">{shortNpub(npub)}</span>;
}
