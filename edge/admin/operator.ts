/** Whether it is the operator who asks. */

/**
 * Compares hashes, in a time that says nothing of the token, not even its length.
 *
 * @param token what the operator shows (`Authorization: Bearer <token>`)
 */
export async function isOperator(request: Request, token: string): Promise<boolean> {
  const [, shown = ""] = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  const [a, b] = await Promise.all([hash(shown), hash(token)]);
  return crypto.subtle.timingSafeEqual(a, b);
}

const hash = (text: string): Promise<ArrayBuffer> =>
  crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
