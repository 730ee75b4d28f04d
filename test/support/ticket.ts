import type { Ticket } from "../../edge/matching.ts";

/** A person's ticket: named by the id, without wishes, unless more is said. */
export const ticketOf = (id: string, more: Partial<Ticket> = {}): Ticket => ({
  id,
  since: 0,
  mode: "video",
  interests: [],
  names: [id],
  blocked: [],
  met: [],
  ...more,
});
