/**
 * A relay's URL in the one form by which it is told apart from others: ws or wss, lower-case host, no default
 * port, no fragment, no slash at the end. Null for what is no such URL, and for one with a user or a password: clients,
 * logs and metrics are told of relays.
 */
export const relayAddress = (text: string): string | null => {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (!["ws:", "wss:"].includes(url.protocol) || url.hostname === "") return null;
  if (url.username || url.password) return null;
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, "")}${url.search}`;
};
