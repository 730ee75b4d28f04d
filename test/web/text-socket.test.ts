/** Relays that say what no relay says: none of it may reach what would throw, nor keep others from being heard. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { npubEncode } from "nostr-tools/nip19";
import { finalizeEvent, generateSecretKey, getPublicKey } from "nostr-tools/pure";
import { afterEach, expect, test } from "vitest";
import { type RawData, type WebSocket as Socket, WebSocketServer } from "ws";
import { loadProfile } from "../../web/nostr/profile.ts";
import { TextSocket } from "../../web/nostr/text-socket.ts";

const servers: WebSocketServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    for (const client of server.clients) client.terminate();
    server.close();
  }
});

/** A server that does this with each who comes, and where it is. */
async function startServer(meet: (socket: Socket) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  servers.push(server);
  server.on("connection", meet);
  await once(server, "listening");
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const secret = generateSecretKey();
const pubkey = getPublicKey(secret);
const named = (name: string) =>
  finalizeEvent({ kind: 0, created_at: 1_790_000_000, tags: [], content: JSON.stringify({ name }) }, secret);

/** A relay that answers a subscription by these messages, the subscription's name in front of each. */
const relayOf = (...messages: [string, ...unknown[]][]) =>
  startServer((socket) => {
    socket.on("message", (data: RawData) => {
      const [type, subscription] = JSON.parse(String(data));
      if (type !== "REQ") return;
      socket.send(Buffer.from('["EVENT","sub:1",{}]'));
      socket.send("x".repeat(1_000_000));
      for (const garbage of ["", "null", "[]", '["EVENT"]', `["EVENT","${subscription}",null]`])
        socket.send(garbage);
      for (const [kind, ...more] of messages) socket.send(JSON.stringify([kind, subscription, ...more]));
    });
  });

test("of what a relay says only text of a bounded length is heard", async () => {
  const url = await startServer((socket) => {
    for (const said of [Buffer.from("binary"), "x".repeat(1_000_000), "text", new Uint8Array(0)])
      socket.send(said);
    socket.close();
  });
  const heard: unknown[] = [];
  const socket = new TextSocket(url);
  socket.onmessage = ({ data }) => heard.push(data);
  await once(socket, "close");
  expect(heard).toEqual(["text"]);
});

test("a name is read from a relay that says garbage, too", async () => {
  const relay = await relayOf(["EVENT", named("Ana")], ["EOSE"]);
  expect(await loadProfile(npubEncode(pubkey), [relay])).toMatchObject({ name: "Ana" });
});

test("a relay with a forged event of the same id does not hide the genuine one of another", async () => {
  const genuine = named("Ana");
  let hasForged = () => {};
  const forged = new Promise<void>((resolve) => {
    hasForged = resolve;
  });
  const liar = await startServer((socket) => {
    socket.on("message", (data) => {
      const [type, subscription] = JSON.parse(String(data));
      if (type !== "REQ") return;
      // More than is read of anybody, and no end.
      const changed = { ...genuine, content: '{"name":"Forged"}' };
      for (let n = 0; n < 20; n += 1) {
        socket.send(
          JSON.stringify([
            "EVENT",
            subscription,
            n === 0 ? changed : { ...changed, id: String(n).padStart(64, "0") },
          ]),
        );
      }
    });
    socket.on("close", hasForged);
  });
  const honest = await startServer((socket) => {
    socket.on("message", async (data) => {
      const [type, subscription] = JSON.parse(String(data));
      if (type !== "REQ") return;
      await forged;
      socket.send(JSON.stringify(["EVENT", subscription, genuine]));
      socket.send(JSON.stringify(["EOSE", subscription]));
    });
  });
  expect(await loadProfile(npubEncode(pubkey), [liar, honest])).toMatchObject({ name: "Ana" });
});
