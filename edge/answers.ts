/** What the edge says over plain HTTP: JSON, uncached, with headers that leave a browser nothing to misread. */

const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=31536000",
  "x-content-type-options": "nosniff",
};

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  Response.json(body, { status, headers: { ...SECURITY_HEADERS, ...headers } });

export const failure = (status: number, error: string, headers: Record<string, string> = {}): Response =>
  json(status, { error }, headers);
