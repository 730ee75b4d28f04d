/** Stands between clients and a server of WebSockets, reads along, and can lose what either says. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

/** Returns whether a frame is passed on. */
type Filter = (frame: string) => boolean;

export interface FrameProxy {
  url: URL;
  /** What clients have said, but for pings. */
  readonly said: string[];
  /** The addresses that clients have opened. */
  readonly opened: string[];
  /** Clients hear nothing any more, not even pongs. */
  isMute: boolean;
  /** Both see every frame but for pings and pongs. */
  passToServer: Filter;
  passToClient: Filter;
  /** To the server, as if the present client had said it. */
  say(frame: string): void;
  /** To the present client, as if the server had said it. */
  tell(frame: string): void;
  /** Ends the present client's connection; without a code it breaks. */
  hangUp(code?: number): void;
  close(): Promise<void>;
}

export async function startFrameProxy(target: URL): Promise<FrameProxy> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  let present: WebSocket | undefined;
  let upstream: WebSocket | undefined;
  const proxy: FrameProxy = {
    url: new URL(`http://127.0.0.1:${port}/`),
    said: [],
    opened: [],
    isMute: false,
    passToServer: () => true,
    passToClient: () => true,
    say: (frame) => upstream?.send(frame),
    tell: (frame) => present?.send(frame),
    hangUp: (code) => (code === undefined ? present?.terminate() : present?.close(code)),
    close: async () => {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, "close");
    },
  };
  server.on("connection", (near, { url = "" }) => {
    present = near;
    proxy.opened.push(url);
    const far = new WebSocket(new URL(url, target));
    upstream = far;
    const unsent: string[] = [];
    far.on("open", () => {
      for (const frame of unsent.splice(0)) far.send(frame);
    });
    near.on("message", (data) => {
      const frame = data.toString();
      if (frame !== "ping") proxy.said.push(frame);
      if (frame !== "ping" && !proxy.passToServer(frame)) return;
      if (far.readyState === WebSocket.OPEN) far.send(frame);
      else unsent.push(frame);
    });
    far.on("message", (data) => {
      const frame = data.toString();
      if (!proxy.isMute && (frame === "pong" || proxy.passToClient(frame))) near.send(frame);
    });
    near.on("close", (code) =>
      code === 1006 ? far.terminate() : far.close(code === 1005 ? undefined : code),
    );
    far.on("close", (code) => (code === 1006 ? near.terminate() : near.close(code)));
    far.on("error", () => near.terminate());
    near.on("error", () => far.terminate());
  });
  return proxy;
}
