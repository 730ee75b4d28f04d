/** The socket to the server (docs/protocol.md): JSON out and in, the heartbeat, and the patience for an answer. */

/** Milliseconds in which something must come back. */
const PATIENCE = 10_000;

export class Signaling {
  #socket;
  #onClose;
  #unsent = [];
  #heartbeat;
  #deadline;

  /**
   * @param {URL} url
   * @param {(message: object) => void} onMessage
   * @param {(reason: string) => void} onClose once, also when the network is gone and the socket does not know it
   */
  constructor(url, onMessage, onClose) {
    url.protocol = url.protocol.replace("http", "ws");
    this.#onClose = onClose;
    this.#socket = new WebSocket(url);
    this.#expectAnswer();
    this.#socket.addEventListener("open", () => {
      this.#socket.send("ping");
      for (const text of this.#unsent.splice(0)) this.#socket.send(text);
    });
    this.#socket.addEventListener("message", ({ data }) => {
      clearTimeout(this.#deadline);
      this.#deadline = undefined;
      if (data === "pong" || !this.#onClose) return;
      const message = JSON.parse(data);
      if (message.type === "welcome") this.#beat(message.heartbeatSeconds);
      onMessage(message);
    });
    this.#socket.addEventListener("close", ({ reason }) => this.#end(reason));
  }

  /** Sends a message, as soon as the socket is open. */
  say(message) {
    const text = JSON.stringify(message);
    if (this.#socket.readyState === WebSocket.CONNECTING) this.#unsent.push(text);
    else this.#socket.send(text);
    // A signal is answered by nobody.
    if (message.type !== "signal") this.#expectAnswer();
  }

  #beat(seconds) {
    this.#heartbeat = setInterval(() => {
      this.#socket.send("ping");
      this.#expectAnswer();
    }, seconds * 1_000);
  }

  #expectAnswer() {
    this.#deadline ??= setTimeout(() => this.#end("it does not answer"), PATIENCE);
  }

  #end(reason) {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#deadline);
    this.#socket.close();
    this.#onClose?.(reason);
    this.#onClose = undefined;
  }
}
