/** A name that nobody else gives. `crypto.randomUUID` is there on secure addresses only. */
export const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(36)).join("");
