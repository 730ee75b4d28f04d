/**
 * A relay's URL in the one form by which it is told apart from others: ws or wss, lower-case host, no default
 * port, no fragment, no slash at the end. Null for what is no such URL.
 */
export const relayAddress = (text: string): string | null => {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (!["ws:", "wss:"].includes(url.protocol) || url.hostname === "") return null;
  return `${url.protocol}//${credentials(url)}${url.host}${url.pathname.replace(/\/+$/, "")}${url.search}`;
};

const credentials = ({ username, password }: URL): string =>
  username || password ? `${username}:${password}@` : "";
