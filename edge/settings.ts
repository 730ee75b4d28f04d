/** The one place that reads the edge's variables (wrangler.toml, `[vars]`). */

export type Settings = {
  /** Origins whose pages may open `/ws`, besides the page's own; none: any page may. */
  allowedOrigins: string[];
  maxConnectionsPerAddress: number;
  /** Milliseconds. */
  rematchWindow: number;
};

export function readSettings(env: Env): Settings {
  return {
    allowedOrigins: [env.CLIENT_URL, env.CLIENT_IP_URL].filter((url) => url !== "").map(originOf),
    maxConnectionsPerAddress: positive("MAX_CONNECTIONS_PER_ADDRESS", env.MAX_CONNECTIONS_PER_ADDRESS),
    rematchWindow: positive("REMATCH_WINDOW_MS", env.REMATCH_WINDOW_MS),
  };
}

/** As a browser writes it: no path, no default port. A value that is no address matches no browser. */
const originOf = (url: string): string => (URL.canParse(url) ? new URL(url).origin : url);

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`${name} must be a whole number above 0`);
  return value;
}
