/** The socket to the server (docs/protocol.md): JSON out and in, and the heartbeat. */
export class Signaling {
  #socket;
  #unsent = [];
  #heartbeat;

  /**
   * @param {URL} url
   * @param {(message: object) => void} onMessage
   * @param {(reason: string) => void} onClose
   */
  constructor(url, onMessage, onClose) {
    url.protocol = url.protocol.replace("http", "ws");
    this.#socket = new WebSocket(url);
    this.#socket.addEventListener("open", () => {
      this.#socket.send("ping");
      for (const text of this.#unsent.splice(0)) this.#socket.send(text);
    });
    this.#socket.addEventListener("message", ({ data }) => {
      if (data === "pong") return;
      const message = JSON.parse(data);
      if (message.type === "welcome") this.#beat(message.heartbeatSeconds);
      onMessage(message);
    });
    this.#socket.addEventListener("close", ({ reason }) => {
      clearInterval(this.#heartbeat);
      onClose(reason);
    });
  }

  /** Sends a message, as soon as the socket is open. */
  say(message) {
    const text = JSON.stringify(message);
    if (this.#socket.readyState === WebSocket.CONNECTING) this.#unsent.push(text);
    else this.#socket.send(text);
  }

  #beat(seconds) {
    this.#heartbeat = setInterval(() => this.#socket.send("ping"), seconds * 1_000);
  }
}
