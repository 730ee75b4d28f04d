/** Whose pages may use the edge, and read what it answers. */
import { readSettings } from "./settings.ts";

/** Only a browser sends an origin; what is no browser could send any. */
export function isFromAllowedOrigin(request: Request, env: Env): boolean {
  const origin = request.headers.get("origin");
  const { allowedOrigins } = readSettings(env);
  if (origin === null || allowedOrigins.length === 0) return true;
  return origin === new URL(request.url).origin || allowedOrigins.includes(origin);
}

/** Whoever is let in may read the answer; some clients ask for cookies to be sent along, of which there are none. */
export function corsFor(request: Request): Record<string, string> {
  const origin = request.headers.get("origin");
  if (origin === null) return {};
  return {
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    vary: "origin",
  };
}
