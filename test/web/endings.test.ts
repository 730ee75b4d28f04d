/** Why there is no connection: as the real edge turns somebody away, or throws them out. */
import { afterEach, describe, expect, test } from "vitest";
import { CloseCode } from "../../protocol/close-codes.ts";
import { comeBack, join, search } from "../edge/client.ts";
import { ADMIN_TOKEN, ask } from "../edge/operator.ts";
import { anEdge, cleanUp, throughLink, throughProxy } from "./scenes.ts";
import { Visitor } from "./visitor.ts";

afterEach(cleanUp);

describe("turned away at the door:", () => {
  test("too many connections of one address; a search tries again", async () => {
    const edge = await anEdge({ vars: { MAX_CONNECTIONS_PER_ADDRESS: "1" } });
    const other = await join(edge);
    const visitor = new Visitor(edge.url);
    visitor.visit.search();
    await visitor.connection("closed");
    expect(visitor.visit.connection).toMatchObject({ why: "too-many-connections" });
    expect(visitor.visit.state).toBe("idle");
    expect(visitor.timing.pending).toEqual([]);
    await other.leave();
    // The place at the door is free a little later than the connection is gone.
    const tryAgain = async () => {
      visitor.visit.search();
      await visitor.until(({ connection }) => connection.is !== "connecting");
      return visitor.visit.connection.is;
    };
    await expect.poll(tryAgain).toBe("open");
    expect(visitor.visit.state).toBe("waiting");
  });

  test("too many requests: when to come back", async () => {
    const edge = await anEdge({ vars: { RATE_LIMIT_MAX_REQUESTS: "1", RATE_LIMIT_WINDOW_MS: "3000" } });
    await join(edge);
    const visitor = new Visitor(edge.url);
    await visitor.connection("closed");
    expect(visitor.visit.connection).toMatchObject({ why: "rate-limited" });
    const { retryAfter = 0 } = visitor.visit.connection as { retryAfter?: number };
    expect(retryAfter).toBeGreaterThanOrEqual(1);
    expect(retryAfter).toBeLessThanOrEqual(3);
    expect(visitor.timing.pending).toEqual([]);
  });

  test("nobody new is taken: when to come back", async () => {
    const edge = await anEdge({ vars: { ADMIN_TOKEN } });
    await join(edge);
    expect((await ask(edge, "admin/drain", { method: "POST", body: { region: "NA", on: true } })).ok).toBe(
      true,
    );
    const visitor = new Visitor(edge.url);
    await visitor.connection("closed");
    expect(visitor.visit.connection).toEqual({
      is: "closed",
      why: "draining",
      retryAfter: expect.any(Number),
    });
  });

  test("while a place is kept, its time is waited for", async () => {
    const edge = await anEdge({ vars: { RATE_LIMIT_MAX_REQUESTS: "2", RATE_LIMIT_WINDOW_MS: "2000" } });
    const { link, visitor } = await throughLink(edge);
    visitor.visit.search();
    await search(edge);
    await visitor.state("matched");
    await link.cut();
    await link.mend();
    await visitor.connection("reconnecting");
    visitor.timing.pass(500);
    const isRefused = () => [1_000, 2_000].includes(visitor.timing.pending[0] ?? 0);
    await expect.poll(isRefused).toBe(true);
    expect(visitor.visit.connection.is).toBe("reconnecting");
    await visitor.getThrough();
    expect(visitor.call.resumes).toHaveLength(1);
    expect(visitor.call).toMatchObject({ ending: undefined, isDetached: false });
  });
});

describe("closed by the server for good:", () => {
  test("too much was said; a connection takes its time to come back", async () => {
    const { visitor, proxy } = await throughProxy(await anEdge());
    await visitor.connection("open");
    proxy.tell('{"type":"error","code":"rate-limited","message":"slow down","retryAfter":0.02}');
    proxy.hangUp(CloseCode.rateLimited);
    await visitor.connection("closed");
    expect(visitor.visit.connection).toEqual({ is: "closed", why: "rate-limited", retryAfter: 1 });
  });

  test("another connection has resumed the visit", async () => {
    const edge = await anEdge();
    const { visitor, proxy } = await throughProxy(edge);
    let token = "";
    proxy.passToClient = (frame) => {
      const message = JSON.parse(frame);
      if (message.type === "session") token = message.token;
      return true;
    };
    visitor.visit.search();
    const partner = await search(edge);
    await visitor.state("matched");
    const other = await join(edge);
    await comeBack(edge, other, token);
    await visitor.connection("closed");
    expect(visitor.visit.connection).toEqual({ is: "closed", why: "replaced" });
    expect(visitor.call.ending).toBe("left");
    expect(visitor.visit.state).toBe("idle");
    await partner.expect("matched");
    await partner.expect("peer-resumed");
    // Whoever searches again is somebody new.
    visitor.visit.search();
    await visitor.connection("open");
    expect(proxy.opened.at(-1)).toBe("/ws?v=1");
    expect(visitor.visit.state).toBe("waiting");
  });

  test.each([
    [CloseCode.rateLimited, "rate-limited"],
    [CloseCode.unsupportedVersion, "outdated"],
    [CloseCode.badMessages, "refused"],
    [CloseCode.banned, "banned"],
    [CloseCode.tooLarge, "refused"],
    [4999, "refused"],
  ])("%s is %s; a call that is up goes on", async (code, why) => {
    const edge = await anEdge();
    const { visitor, proxy } = await throughProxy(edge);
    visitor.visit.search();
    await search(edge);
    await visitor.state("matched");
    visitor.call.isUp = true;
    proxy.hangUp(code);
    await visitor.connection("closed");
    expect(visitor.visit.connection).toEqual({ is: "closed", why });
    expect(visitor.call).toMatchObject({ ending: undefined, isDetached: true });
    expect(visitor.visit.state).toBe("matched");
    expect(visitor.timing.pending).toEqual([]);
    // When it breaks in the end, the next is looked for.
    visitor.call.breakDown();
    await visitor.connection("open");
    expect(visitor.visit.state).toBe("waiting");
  });
});
