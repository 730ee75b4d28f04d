/** The project's Worker and objects as they are, with counters around them. `/counts` is answered with the counts. */
import edge, * as classes from "../../../edge/main.ts";
import { counts } from "./meter.ts";
import { meteredEnv, meteredParts, meterHandlers } from "./objects.ts";

meterHandlers("Lobby", classes.Lobby.prototype);
meterHandlers("Directory", classes.Directory.prototype);
meterHandlers("Moderation", classes.Moderation.prototype);
meterHandlers("Relay", classes.Relay.prototype);

export class Lobby extends classes.Lobby {
  constructor(ctx: DurableObjectState, env: Env) {
    super(...meteredParts("Lobby", ctx, env));
  }
}

export class Directory extends classes.Directory {
  constructor(ctx: DurableObjectState, env: Env) {
    super(...meteredParts("Directory", ctx, env));
  }
}

export class Moderation extends classes.Moderation {
  constructor(ctx: DurableObjectState, env: Env) {
    super(...meteredParts("Moderation", ctx, env));
  }
}

export class Relay extends classes.Relay {
  constructor(ctx: DurableObjectState, env: Env) {
    super(...meteredParts("Relay", ctx, env));
  }
}

export default {
  fetch(request, env) {
    if (new URL(request.url).pathname === "/counts") return Response.json(counts);
    counts.workerRequests += 1;
    return edge.fetch(request, meteredEnv(env));
  },
} satisfies ExportedHandler<Env>;
