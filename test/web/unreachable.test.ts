/** Nobody answers; and this side goes. */
import { afterEach, describe, expect, test } from "vitest";
import { search } from "../edge/client.ts";
import { anEdge, cleanUp, throughLink, throughProxy } from "./scenes.ts";
import type { Visitor } from "./visitor.ts";

afterEach(cleanUp);

describe("nobody answers", () => {
  test("for a minute: that is said, and it is tried on if somebody is wanted", async () => {
    const edge = await anEdge();
    const { link, visitor } = await throughLink(edge);
    await visitor.connection("open");
    await link.cut();
    await visitor.connection("reconnecting");
    const since = visitor.timing.now();
    visitor.visit.search();
    const isClosed = () => {
      visitor.timing.pass(visitor.timing.pending[0] ?? 0);
      return visitor.visit.connection.is;
    };
    await expect.poll(isClosed, { timeout: 20_000, interval: 10 }).toBe("closed");
    expect(visitor.visit.connection).toEqual({ is: "closed", why: "unreachable" });
    expect(visitor.timing.now() - since).toBeGreaterThanOrEqual(60_000);
    expect(visitor.timing.now() - since).toBeLessThan(75_000);
    expect(visitor.visit.state).toBe("waiting");
    await link.mend();
    await visitor.getThrough();
    await search(edge);
    await visitor.state("matched");
  });

  test("and nobody is wanted: it is left, until the device is online or there is a search", async () => {
    const edge = await anEdge();
    const { link, visitor } = await throughLink(edge);
    await link.cut();
    const untilClosed = () =>
      expect
        .poll(
          () => {
            visitor.timing.pass(visitor.timing.pending[0] ?? 0);
            return visitor.visit.connection;
          },
          { timeout: 20_000, interval: 10 },
        )
        .toEqual({ is: "closed", why: "unreachable" });
    await untilClosed();
    expect(visitor.timing.pending).toEqual([]);
    visitor.visit.search();
    expect(visitor.visit.connection).toEqual({ is: "connecting" });
    visitor.visit.stop();
    await untilClosed();
    await link.mend();
    visitor.page.dispatchEvent(new Event("online"));
    await visitor.connection("open");
  });

  test("and the call was up: it goes on", async () => {
    const edge = await anEdge();
    const { link, visitor } = await throughLink(edge);
    visitor.visit.search();
    await search(edge);
    await visitor.state("matched");
    visitor.call.isUp = true;
    await link.cut();
    await visitor.connection("reconnecting");
    await expect
      .poll(
        () => {
          visitor.timing.pass(visitor.timing.pending[0] ?? 0);
          return visitor.call.isDetached;
        },
        { timeout: 20_000, interval: 10 },
      )
      .toBe(true);
    expect(visitor.visit.connection).toEqual({ is: "closed", why: "unreachable" });
    expect(visitor.timing.pending).toHaveLength(1);
    await link.mend();
    await visitor.getThrough();
    expect(visitor.visit.state).toBe("matched");
  });
});

test("once the device is online again it is tried at once; a connection that seems to be open is asked", async () => {
  const edge = await anEdge();
  const { link, visitor } = await throughLink(edge);
  await visitor.connection("open");
  await link.cut();
  await visitor.connection("reconnecting");
  await link.mend();
  visitor.page.dispatchEvent(new Event("online"));
  await visitor.connection("open");
  link.freeze();
  visitor.page.dispatchEvent(new Event("online"));
  expect(visitor.timing.pending).toEqual([10_000, 30_000]);
  visitor.timing.pass(10_000);
  expect(visitor.visit.connection.is).toBe("reconnecting");
});

describe.each([
  ["close", (visitor: Visitor) => visitor.visit.close()],
  ["pagehide", (visitor: Visitor) => visitor.page.dispatchEvent(new Event("pagehide"))],
])("a goodbye (%s)", (_, sayGoodbye) => {
  test("is heard by the other side, and leaves nothing behind", async () => {
    const edge = await anEdge();
    const { visitor, proxy } = await throughProxy(edge);
    const partner = await search(edge);
    visitor.visit.search();
    const { matchId } = await partner.expect("matched");
    await visitor.state("matched");
    sayGoodbye(visitor);
    expect(visitor.call.ending).toBe("you");
    expect(visitor.visit).toMatchObject({ connection: { is: "closed", why: "left" }, state: "idle" });
    expect((await partner.next()).type).toBe("ended");
    expect(visitor.timing.pending).toEqual([]);
    visitor.page.dispatchEvent(new Event("online"));
    expect(visitor.visit.connection.is).toBe("closed");
    visitor.visit.search();
    await visitor.connection("open");
    expect(proxy.opened).toHaveLength(2);
    expect(matchId).not.toBe("");
  });

  test.each(["connecting", "reconnecting"])("while %s", async (is) => {
    const edge = await anEdge();
    const { link, visitor } = await throughLink(edge);
    if (is === "reconnecting") {
      await visitor.connection("open");
      await link.cut();
      await visitor.connection("reconnecting");
    }
    sayGoodbye(visitor);
    expect(visitor.timing.pending).toEqual([]);
    expect(visitor.visit.connection).toEqual({ is: "closed", why: "left" });
  });
});
