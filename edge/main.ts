/** The Worker's door: which path leads where, and nothing more. */
import { failure, json } from "./answers.ts";

export { Directory } from "./directory.ts";
export { Lobby } from "./lobby.ts";
export { Relay } from "./relay/relay.ts";

type Route = { methods: string[]; answer: (request: Request, env: Env) => Response | Promise<Response> };

const ROUTES: Record<string, Route | undefined> = {
  "/health": { methods: ["GET", "HEAD"], answer: () => json(200, { status: "ok" }) },
  "/relay": {
    methods: ["GET", "HEAD", "OPTIONS"],
    answer: (request, env) => env.RELAY.getByName("relay").fetch(request),
  },
};

export default {
  async fetch(request, env) {
    const route = ROUTES[new URL(request.url).pathname];
    if (!route) return failure(404, "not found");
    if (!route.methods.includes(request.method)) {
      return failure(405, "method not allowed", { allow: route.methods.join(", ") });
    }
    try {
      return await route.answer(request, env);
    } catch {
      return failure(503, "unavailable", { "retry-after": "1" });
    }
  },
} satisfies ExportedHandler<Env>;
