/**
 * Stands in for Neon's WebSocket proxy: each binary message is a piece of the PostgreSQL protocol, carried to and
 * from the server that listens on the port given, of 127.0.0.1. Listens there on a port that the OS gives, writes it,
 * and ends when stdin does.
 */
import { once } from "node:events";
import net from "node:net";
import { pipeline } from "node:stream";
import { createWebSocketStream, WebSocketServer } from "ws";

const [postgresPort] = process.argv.slice(2);
const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
server.on("connection", (socket) => {
  const tunnel = createWebSocketStream(socket);
  // Without, small pieces wait for the acknowledgement of the last: 40 ms each.
  const postgres = net.connect({ port: Number(postgresPort), host: "127.0.0.1", noDelay: true });
  // When either side ends or fails, the other is closed as well.
  pipeline(tunnel, postgres, () => {});
  pipeline(postgres, tunnel, () => {});
});
await once(server, "listening");
process.stdout.write(`${(server.address() as net.AddressInfo).port}\n`);
process.stdin.resume();
await once(process.stdin, "end");
for (const socket of server.clients) socket.terminate();
server.close();
