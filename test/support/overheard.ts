/** A door in front of a relay that passes on everything, and tells when who came through it is subscribed. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

export interface Overheard {
  url: string;
  /** Once the relay has sent all that it had stored for a subscription: from now on nothing is missed. */
  subscribed: Promise<void>;
  close(): void;
}

export const overhear = async (relay: string): Promise<Overheard> => {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  let resolve = () => {};
  const subscribed = new Promise<void>((done) => {
    resolve = done;
  });
  server.on("connection", (client) => {
    const upstream = new WebSocket(relay);
    const open = once(upstream, "open");
    open.catch(() => client.terminate());
    client.on("message", (data) => open.then(() => upstream.send(String(data))));
    upstream.on("message", (data) => {
      client.send(String(data));
      if (String(data).startsWith('["EOSE"')) resolve();
    });
    client.on("close", () => upstream.terminate());
    upstream.on("close", () => client.terminate());
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    subscribed,
    close: () => {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
};
