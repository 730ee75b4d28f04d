/** The edge with another way into a lobby, past what its door refuses: `/past-the-door?lobby=…`. */
import edge from "../../../edge/main.ts";

export * from "../../../edge/main.ts";

export default {
  fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/past-the-door") return edge.fetch(request, env, ctx);
    const lobby = env.LOBBY.getByName(searchParams.get("lobby"));
    return lobby.fetch(`https://lobby/?${searchParams}`, { headers: { upgrade: "websocket" } });
  },
};
