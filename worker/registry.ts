/** What should run and what does: a pure difference. */

/**
 * @param desired npubs of keys that have a live token
 * @param running npubs of keys that are served, within the same scope
 */
export const difference = (
  desired: ReadonlySet<string>,
  running: ReadonlySet<string>,
): { start: string[]; stop: string[] } => ({
  start: [...desired].filter((npub) => !running.has(npub)),
  stop: [...running].filter((npub) => !desired.has(npub)),
});
