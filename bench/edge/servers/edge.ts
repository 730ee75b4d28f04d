/** The project's edge: workerd, reached without the Worker that miniflare puts in front; its limits are out of reach. */
import { type Edge, startEdge } from "../../../test/support/edge.ts";
import { serve } from "../../program.ts";
import { childOf, usageOf } from "./process.ts";

const PLENTY = "1000000";
const VARS = {
  MAX_CONNECTIONS_PER_ADDRESS: PLENTY,
  RATE_LIMIT_MAX_REQUESTS: PLENTY,
  LOBBY_MAX_SOCKETS: PLENTY,
  LOBBY_MAX_SEARCHES_PER_SECOND: PLENTY,
  // Clients here send no pings.
  CONNECTION_TIMEOUT_MS: "3600000",
  // A thousand people meet each other more than once a minute.
  REMATCH_WINDOW_MS: "1",
};

let edge: Promise<Edge> | undefined;
let workerd: number | undefined;

const calls = {
  /** Where it listens. */
  start: async (): Promise<string> => {
    edge = startEdge({ vars: VARS, leavesSignals: true });
    const { direct } = await edge;
    workerd = await childOf(process.pid, "workerd");
    return direct.href;
  },
  usage: () => {
    if (workerd === undefined) throw new Error("workerd is not there");
    return usageOf(workerd);
  },
};
serve(calls, async () => (await edge)?.close());
