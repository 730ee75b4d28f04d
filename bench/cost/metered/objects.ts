/** What goes in and out of objects, counted. */
import { Activity, countsOf } from "./meter.ts";
import { MeteredStorage } from "./storage.ts";

const BINDINGS = {
  LOBBY: "Lobby",
  DIRECTORY: "Directory",
  MODERATION: "Moderation",
  RELAY: "Relay",
} as const;

const activities = new WeakMap<DurableObjectState, Activity>();

/** The bindings, of which each call counts as a request to an object. */
export const meteredEnv = (env: Env): Env => {
  const metered = { ...env };
  for (const [binding, className] of Object.entries(BINDINGS)) {
    const namespace: unknown = Reflect.get(env, binding);
    Reflect.set(metered, binding, meteredNamespace(namespace as DurableObjectNamespace, className));
  }
  return metered;
};

const meteredNamespace = (namespace: DurableObjectNamespace, className: string): object => ({
  getByName: (name: string) =>
    new Proxy(namespace.getByName(name), {
      get: (stub, method) => {
        if (typeof method !== "string") return Reflect.get(stub, method);
        return (...args: unknown[]) => {
          const { calls } = countsOf(className);
          calls[method] = (calls[method] ?? 0) + 1;
          const called: unknown = Reflect.get(stub, method);
          if (typeof called !== "function") throw new Error(`${className} has no ${method}`);
          return Reflect.apply(called, stub, args);
        };
      },
    }),
});

/** What an object is made of; what it does from now on is counted. */
export const meteredParts = (
  className: string,
  ctx: DurableObjectState,
  env: Env,
): [DurableObjectState, Env] => {
  const metered = new MeteredStorage(ctx.storage, countsOf(className));
  const activity = new Activity(countsOf(className), () => metered.settle());
  activities.set(ctx, activity);
  const { waitUntil, blockConcurrencyWhile } = ctx;
  const replace = (name: keyof DurableObjectState, value: unknown) =>
    Object.defineProperty(ctx, name, { value });
  replace("storage", metered.storage);
  replace("waitUntil", (promise: Promise<unknown>) => {
    activity.during(() => promise);
    waitUntil.call(ctx, promise);
  });
  replace("blockConcurrencyWhile", <Result>(action: () => Promise<Result>) =>
    activity.during(() => blockConcurrencyWhile.call(ctx, action)),
  );
  return [ctx, meteredEnv(env)];
};

/** Counts what objects of a class are called for. */
export const meterHandlers = (className: string, prototype: object): void => {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const handler: unknown = Reflect.get(prototype, name);
    if (name === "constructor" || typeof handler !== "function") continue;
    const own = countsOf(className);
    Object.defineProperty(prototype, name, {
      value(this: object, ...args: unknown[]) {
        if (name === "webSocketMessage") own.messages += 1;
        if (name === "webSocketClose" || name === "webSocketError") own.closes += 1;
        if (name === "alarm") own.alarms += 1;
        const activity = activities.get(Reflect.get(this, "ctx"));
        if (!activity) throw new Error(`a ${className} is not metered`);
        return activity.during(() => Reflect.apply(handler, this, args));
      },
    });
  }
};
