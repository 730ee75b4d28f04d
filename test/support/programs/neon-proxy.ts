import { once } from "node:events";
import net from "node:net";
import { pipeline } from "node:stream";
import { createWebSocketStream, WebSocketServer } from "ws";

/**
 * Stands in for Neon's WebSocket proxy: each binary message is a piece of the PostgreSQL protocol, carried to and
 * from the server that listens on `postgresPort` of 127.0.0.1. Listens on a port of 127.0.0.1 that the OS gives.
 */
export async function startNeonProxy(
  postgresPort: number,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  server.on("connection", (socket) => {
    const tunnel = createWebSocketStream(socket);
    // Without, small pieces wait for the acknowledgement of the last: 40 ms each.
    const postgres = net.connect({ port: postgresPort, host: "127.0.0.1", noDelay: true });
    // When either side ends or fails, the other is closed as well.
    pipeline(tunnel, postgres, () => {});
    pipeline(postgres, tunnel, () => {});
  });
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    port: address.port,
    async close() {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, "close");
    },
  };
}
