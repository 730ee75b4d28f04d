/** Where a request comes from, as Cloudflare says; what a client writes there itself does not get through. */
export const addressOf = (request: Request): string => request.headers.get("cf-connecting-ip") ?? "unknown";

/**
 * Whom an IP address stands for: an IPv4 address itself, an IPv6 address its /64 network, which is what one
 * subscriber is given (RFC 6177). Text that is no IPv6 address stands for itself.
 */
export function subscriberOf(address: string): string {
  const url = `http://[${address}]/`;
  if (!address.includes(":") || !URL.canParse(url)) return address;
  const [head = "", tail] = new URL(url).hostname.slice(1, -1).split("::");
  const groups = head === "" ? [] : head.split(":");
  const rest = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(8 - groups.length - rest.length).fill("0");
  return `${[...groups, ...zeros, ...rest].slice(0, 4).join(":")}::/64`;
}
