/** What the server may say at any time, whether it makes sense or not. */
import { afterEach, expect, test } from "vitest";
import { search } from "../edge/client.ts";
import { anEdge, cleanUp, throughProxy } from "./scenes.ts";

afterEach(cleanUp);

test("what is no message, or none that is known, is passed over", async () => {
  const edge = await anEdge();
  const { visitor, proxy } = await throughProxy(edge);
  visitor.visit.search();
  const partner = await search(edge);
  await visitor.state("matched");
  const { matchId } = visitor.call;
  for (const frame of [
    "",
    "{",
    "null",
    "[]",
    '{"type":"news","from":"the future"}',
    '{"type":"ended"}',
    `{"type":"ended","matchId":"${matchId}","reason":"bored"}`,
    '{"type":"ended","matchId":"another","reason":"left"}',
    `{"type":"signal","matchId":"${matchId}"}`,
    `{"type":"chat","matchId":"another","id":"1","text":"Hello"}`,
    '{"type":"debug-state","state":"idle","inWaitingQueue":false,"queuePosition":0,"waitingQueueSize":0,"totalUsers":1}',
    '{"type":"draining"}',
  ])
    proxy.tell(frame);
  const heard = visitor.call.hears();
  await partner.expect("matched");
  partner.say({ type: "chat", matchId, id: "1", text: "Hello" });
  expect(await heard).toMatchObject({ text: "Hello" });
  expect(visitor.call.ending).toBeUndefined();
});

test("a step that was one too many is taken again a little later", async () => {
  const edge = await anEdge();
  const { visitor, proxy } = await throughProxy(edge);
  await visitor.connection("open");
  proxy.passToServer = () => false;
  visitor.visit.search();
  await expect.poll(() => proxy.said).toHaveLength(1);
  proxy.tell('{"type":"error","code":"rate-limited","message":"slow down","retryAfter":0.25}');
  expect(await visitor.tells("refused")).toEqual({
    code: "rate-limited",
    message: "slow down",
    retryAfter: 0.25,
  });
  proxy.passToServer = () => true;
  visitor.visit.search({ mode: "text" });
  visitor.timing.pass(249);
  expect(proxy.said).toHaveLength(1);
  visitor.timing.pass(1);
  const partner = await search(edge, {}, { mode: "text" });
  await partner.expect("matched");
  expect(proxy.said).toHaveLength(2);
});
