/**
 * The program of the thread in which keys.ts opens a NIP-49 value: making a key of a passphrase takes a
 * fraction of a second by design, and the requests of other keys do not wait for it. It opens one value and
 * ends, and its memory with it. The secret is handed over, not copied; a reason goes in its place as text.
 */
import { parentPort, workerData } from "node:worker_threads";
import { decrypt } from "nostr-tools/nip49";
import * as v from "valibot";

const Task = v.object({ ncryptsec: v.string(), passphrase: v.string() });

const open = (): Uint8Array | string => {
  const { ncryptsec, passphrase } = v.parse(Task, workerData);
  try {
    return decrypt(ncryptsec, passphrase);
  } catch (error) {
    // The libraries' own messages may quote their input.
    return error instanceof Error && error.message === "invalid tag"
      ? "the ncryptsec does not open with NCRYPTSEC_PASSPHRASE"
      : "the ncryptsec is damaged, or asks for more work than is allowed";
  }
};

const opened = open();
const transfer = typeof opened !== "string" && opened.buffer instanceof ArrayBuffer ? [opened.buffer] : [];
parentPort?.postMessage(opened, transfer);
