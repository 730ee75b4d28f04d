/** How two browsers come together, and stay so, while signals are lost, cross, and make no sense. */
import { describe, expect, onTestFinished, test } from "vitest";
import { BOTH, callPages } from "./call-pages.ts";
import { Detour } from "./detour.ts";

const calls = callPages();
const { meet, meetForWords, bothSee, bothConnect, hears, descriptions, sees } = calls;

describe("negotiation", () => {
  test("both restart ICE at once: one gives way, and the pictures go on", async () => {
    await meet();
    await bothSee();
    await calls.page.evaluate(() => {
      for (const side of [polite, impolite]) {
        side.pipe = "held";
        side.said.length = 0;
        side.call.restart();
      }
    });
    await calls.page.waitForFunction(() =>
      [polite, impolite].every(({ saidDescriptions }) =>
        saidDescriptions.some(({ type }) => type === "offer"),
      ),
    );
    await calls.page.evaluate(() => {
      polite.release();
      impolite.release();
    });
    await calls.page.waitForFunction(() => polite.saidDescriptions.some(({ type }) => type === "answer"));
    await calls.page.waitForFunction(() =>
      inPage.connections.every(({ signalingState }) => signalingState === "stable"),
    );
    await bothSee();
    expect(await calls.page.evaluate(() => [...polite.links, ...impolite.links])).not.toContain("failed");
  });

  test("a restart has new credentials, and no frame is lost over it", async () => {
    await meet();
    await bothSee();
    await calls.page.evaluate(() => polite.call.restart());
    await calls.page.waitForFunction(() => impolite.saidDescriptions.some(({ type }) => type === "answer"));
    await bothSee();
    const fragments = (await Promise.all(BOTH.map(descriptions)))
      .flat()
      .map(({ sdp }) => sdp.match(/a=ice-ufrag:(\S+)/)?.[1]);
    expect(new Set(fragments).size).toBe(4);
    expect(await calls.page.evaluate(() => polite.links)).toEqual(["connecting", "connected"]);
  });

  test("asked for again and again, ICE is restarted once in 5 s", async () => {
    await meetForWords();
    await bothConnect();
    await calls.page.evaluate(() => {
      for (let n = 0; n < 20; n += 1) impolite.call.restart();
    });
    await calls.page.waitForFunction(() => polite.saidDescriptions.length === 2);
    expect(await descriptions("impolite")).toHaveLength(2);
  });

  test("another network is a reason to restart ICE", async () => {
    await meetForWords();
    await bothConnect();
    await calls.page.evaluate(() => dispatchEvent(new Event("online")));
    await calls.page.waitForFunction(() =>
      [polite, impolite].some(({ saidDescriptions }) => saidDescriptions.length > 1),
    );
  });

  test("an offer that is lost is made good when the server is back", async () => {
    await calls.page.evaluate(async () => {
      globalThis.polite = new inPage.Side("polite");
      globalThis.impolite = new inPage.Side("impolite");
      impolite.pipe = "cut";
      impolite.call.send(await inPage.stream());
    });
    await calls.page.waitForFunction(() => impolite.said.length > 0);
    await calls.page.evaluate(() => impolite.comeBack());
    await sees("polite");
  });

  test("an answer that is lost is made good when the other side is back", async () => {
    await calls.page.evaluate(async () => {
      globalThis.polite = new inPage.Side("polite");
      polite.pipe = "cut";
      globalThis.impolite = new inPage.Side("impolite");
      impolite.call.send(await inPage.stream());
    });
    await calls.page.waitForFunction(() => polite.saidDescriptions.length > 0);
    await calls.page.evaluate(() => {
      polite.comeBack();
      impolite.call.hear({ type: "peer-resumed", matchId: "1" });
    });
    await sees("polite");
  });

  test("candidates that are lost are made good by a restart", async () => {
    await calls.page.evaluate(async () => {
      globalThis.polite = new inPage.Side("polite");
      globalThis.impolite = new inPage.Side("impolite");
      polite.pipe = "lossy";
      impolite.pipe = "lossy";
      impolite.call.send(await inPage.stream());
    });
    await calls.page.waitForFunction(() =>
      inPage.connections.every(
        ({ signalingState, iceGatheringState, remoteDescription }) =>
          signalingState === "stable" && iceGatheringState === "complete" && remoteDescription,
      ),
    );
    expect(await calls.page.evaluate(() => impolite.call.link)).toBe("connecting");
    await calls.page.evaluate(() => {
      polite.comeBack();
      impolite.pipe = "open";
      impolite.call.hear({ type: "peer-resumed", matchId: "1" });
    });
    await sees("polite");
  });

  test("signals that make no sense change nothing", async () => {
    await calls.page.evaluate(async () => {
      globalThis.polite = new inPage.Side("polite");
      globalThis.impolite = new inPage.Side("impolite");
      for (const { call } of [polite, impolite]) {
        const hear = (signal: object) => call.hear({ type: "signal", matchId: "1", ...signal });
        for (const type of ["answer", "pranswer", "rollback"] as const) {
          hear({ description: { type } });
          hear({ description: { type, sdp: "v=0\r\n" } });
        }
        hear({ description: { type: "offer", sdp: "nonsense" } });
        hear({
          candidates: [{}, { candidate: "nonsense", sdpMid: "0" }, { candidate: "", sdpMLineIndex: 999 }],
        });
      }
      impolite.call.send(await inPage.stream());
    });
    await sees("polite");
  });

  test("more media than a call has is declined", async () => {
    await meet();
    await bothSee();
    await calls.page.evaluate(() => {
      for (const connection of inPage.connections) connection.addTransceiver("video");
    });
    await calls.page.waitForFunction(() =>
      inPage.connections.every(
        (connection) =>
          connection.signalingState === "stable" &&
          connection.getTransceivers().every(({ mid }) => mid !== null),
      ),
    );
    await bothSee();
    expect(
      await calls.page.evaluate(() => [polite, impolite].map(({ call }) => call.remote.getTracks().length)),
    ).toEqual([2, 2]);
    const inUse = await calls.page.evaluate(() =>
      inPage.connections.map(
        (connection) =>
          connection.getTransceivers().filter(({ currentDirection }) => currentDirection === "sendrecv")
            .length,
      ),
    );
    expect(inUse).toEqual([2, 2]);
  });

  test("relay only, without a relay: no address is told, words go through the server", async () => {
    await calls.page.evaluate(async () => {
      globalThis.polite = new inPage.Side("polite", { hideAddress: true });
      globalThis.impolite = new inPage.Side("impolite", { hideAddress: true });
      impolite.call.send(await inPage.stream());
    });
    await calls.page.waitForFunction(() =>
      inPage.connections.every(({ iceGatheringState }) => iceGatheringState === "complete"),
    );
    await calls.page.evaluate(() => impolite.call.say("anybody?"));
    await hears("polite", "anybody?");
    const said = await calls.page.evaluate(() => JSON.stringify([...polite.said, ...impolite.said]));
    expect(said).not.toMatch(/a=candidate|"candidate":"candidate/);
    expect(await calls.page.evaluate(() => impolite.call.link)).not.toBe("connected");
  });

  test("a browser without WebRTC: words go through the server", async () => {
    await calls.page.evaluate(() => {
      Reflect.deleteProperty(globalThis, "RTCPeerConnection");
      globalThis.polite = new inPage.Side("polite");
      globalThis.impolite = new inPage.Side("impolite");
      polite.call.send(undefined);
      polite.call.restart();
      polite.call.say("hello");
    });
    await hears("impolite", "hello");
    expect(await calls.page.evaluate(() => polite.call.link)).toBe("failed");
    expect(await calls.page.evaluate(() => polite.call.quality())).toMatchObject({
      level: "unknown",
      route: null,
    });
  });
});

test("when the way between the two is gone, ICE finds another", async () => {
  const detour = new Detour();
  onTestFinished(() => detour.cut());
  await calls.page.exposeFunction("detour", (port: number) => detour.around(port));
  await calls.page.evaluate(async () => {
    globalThis.polite = new inPage.Side("polite");
    globalThis.impolite = new inPage.Side("impolite");
    polite.pipe = "detour";
    impolite.pipe = "detour";
    for (const { call } of [polite, impolite]) call.send(await inPage.stream());
  });
  await bothSee();
  detour.cut();
  await calls.page.waitForFunction(() => polite.links.includes("reconnecting"));
  await bothConnect();
  await bothSee();
  expect(await calls.page.evaluate(() => polite.links)).toEqual([
    "connecting",
    "connected",
    "reconnecting",
    "connected",
  ]);
  // A browser takes its time to notice, and so does one that shares its processor.
}, 60_000);
