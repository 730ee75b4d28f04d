/** How a socket puts what is said. The lobby knows the messages of the protocol only. */

export type Said = { value: unknown; text: string };

export type Door = {
  /** What a frame says: values that may be messages, and the text in which each is handed on as it is. */
  read(frame: string): Said[];
  /** The frames that tell a message, which is given as JSON. */
  write(text: string): string[];
};

/** `/ws`: a frame is a message. */
const native: Door = {
  read: (frame) => [{ value: parseJson(frame), text: frame }],
  write: (text) => [text],
};

export const DOORS = { native } as const satisfies Record<string, Door>;
export type DoorName = keyof typeof DOORS;

/** `undefined`, which no JSON text stands for, if the text is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
