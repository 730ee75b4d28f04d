/** The one place that reads the edge's variables (wrangler.toml, `[vars]`). */

/** A variable that is set to what it cannot mean. The message names it, and says nothing of its value. */
export class BadSetting extends Error {}

export type Settings = {
  /** Origins whose pages may open `/ws`, besides the page's own; none: any page may. */
  allowedOrigins: string[];
  maxConnectionsPerAddress: number;
  maxRelayConnectionsPerAddress: number;
  /** Milliseconds. */
  rematchWindow: number;
  /** Milliseconds. */
  connectionTimeout: number;
};

export function readSettings(env: Env): Settings {
  return {
    allowedOrigins: [env.CLIENT_URL, env.CLIENT_IP_URL].filter((url) => url !== "").map(originOf),
    maxConnectionsPerAddress: positive("MAX_CONNECTIONS_PER_ADDRESS", env.MAX_CONNECTIONS_PER_ADDRESS),
    maxRelayConnectionsPerAddress: positive(
      "MAX_RELAY_CONNECTIONS_PER_ADDRESS",
      env.MAX_RELAY_CONNECTIONS_PER_ADDRESS,
    ),
    connectionTimeout: positive("CONNECTION_TIMEOUT_MS", env.CONNECTION_TIMEOUT_MS),
    rematchWindow: positive("REMATCH_WINDOW_MS", env.REMATCH_WINDOW_MS),
  };
}

/** As a browser writes it: no path, no default port. A value that is no address matches no browser. */
const originOf = (url: string): string => (URL.canParse(url) ? new URL(url).origin : url);

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new BadSetting(`${name} must be a whole number above 0`);
  return value;
}
