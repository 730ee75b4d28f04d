/**
 * A way round for the packets between two browsers of this machine, which can be cut: a UDP socket in front of each of
 * their ports. What comes to the one in front of B from A's port is handed to B by the one in front of A.
 */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

export class Detour {
  readonly #sockets = new Map<number, Socket>();

  /** The port in front of this one of a browser. */
  async around(port: number): Promise<number> {
    const known = this.#sockets.get(port);
    if (known) return known.address().port;
    const socket = createSocket("udp4");
    socket.on("message", (packet, from) => this.#sockets.get(from.port)?.send(packet, port, "127.0.0.1"));
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    this.#sockets.set(port, socket);
    return socket.address().port;
  }

  /** As with another network: nothing goes through the ports that there are, and only through them. */
  cut(): void {
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }
}
