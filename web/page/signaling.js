/**
 * The line to the server (docs/protocol.md): JSON out and in, the heartbeat, the patience for an answer. A connection
 * that is lost is opened again, and the server asked for the place that it has kept; nobody else notices.
 */

/** Milliseconds in which something must come back. */
const PATIENCE = 10_000;
/** Between two attempts to come back. */
const PAUSE = 2_000;
/** From this code on the same meets the same answer. */
const FINAL = 4_500;
const GOODBYE = 1000;

export class Signaling {
  #url;
  #onMessage;
  #onClose;
  #socket;
  #unsent = [];
  #heartbeat;
  #deadline;
  /** What brings back to the place: `lobby`, `token`. */
  #place;
  /** While the way back is sought: until when, in milliseconds. */
  #giveUpAt;
  /** The token of the connection on which the place is asked for: good once it is given. */
  #nextToken;

  /**
   * @param {URL} url
   * @param {(message: object) => void} onMessage
   * @param {(reason: string) => void} onClose once, when there is no way back
   */
  constructor(url, onMessage, onClose) {
    this.#url = url;
    this.#url.protocol = url.protocol.replace("http", "ws");
    this.#onMessage = onMessage;
    this.#onClose = onClose;
    this.#connect();
  }

  /** Sends a message, as soon as there is a connection and it is known who is speaking. */
  say(message) {
    const text = JSON.stringify(message);
    if (this.#socket.readyState !== WebSocket.OPEN || this.#giveUpAt) this.#unsent.push(text);
    else this.#socket.send(text);
    // A signal is answered by nobody.
    if (message.type !== "signal") this.#expectAnswer();
  }

  /** Goodbye: the place is not kept. */
  close() {
    this.#onClose = undefined;
    this.#stop();
    this.#socket.close?.(GOODBYE);
  }

  #connect() {
    if (!this.#onClose) return;
    if (this.#place) this.#url.searchParams.set("lobby", this.#place.lobby);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#expectAnswer();
    socket.addEventListener("open", () => {
      socket.send("ping");
      if (!this.#giveUpAt) this.#flush();
    });
    socket.addEventListener("message", ({ data }) => socket === this.#socket && this.#hear(data));
    socket.addEventListener(
      "close",
      ({ code, reason }) => socket === this.#socket && this.#lose(code, reason),
    );
  }

  #hear(data) {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
    if (data === "pong" || !this.#onClose) return;
    const message = JSON.parse(data);
    switch (message.type) {
      case "welcome":
        this.#beat(message.heartbeatSeconds);
        this.#place = { token: "", ...this.#place, ...message };
        if (this.#giveUpAt) this.#socket.send(JSON.stringify({ type: "resume", token: this.#place.token }));
        break;
      case "session":
        if (this.#giveUpAt) this.#nextToken = message.token;
        else this.#place.token = message.token;
        return;
      case "move":
        Object.assign(this.#place, { lobby: message.lobby, token: message.token, reconnectJitterSeconds: 0 });
        return;
      case "resumed":
        this.#giveUpAt = undefined;
        this.#place.token = this.#nextToken;
        this.#flush();
        break;
      case "error":
        if (message.code === "resume-failed") return this.#end("the place is lost");
        break;
    }
    this.#onMessage(message);
  }

  #flush() {
    for (const text of this.#unsent.splice(0)) this.#socket.send(text);
  }

  #beat(seconds) {
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(() => {
      this.#socket.send("ping");
      this.#expectAnswer();
    }, seconds * 1_000);
  }

  #expectAnswer() {
    this.#deadline ??= setTimeout(() => this.#lose(undefined, "it does not answer"), PATIENCE);
  }

  /** The connection is gone, or seems to be open and is not. */
  #lose(code, reason) {
    this.#stop();
    const lost = this.#socket;
    this.#socket = { readyState: WebSocket.CLOSED };
    lost.close();
    const isFirst = !this.#giveUpAt;
    this.#giveUpAt ??= Date.now() + (this.#place?.resumeSeconds ?? 0) * 1_000;
    if (!this.#place?.token || code >= FINAL || Date.now() >= this.#giveUpAt) this.#end(reason);
    // Everybody comes back when a server restarts: not all at once.
    else
      setTimeout(
        () => this.#connect(),
        isFirst ? Math.random() * this.#place.reconnectJitterSeconds * 1_000 : PAUSE,
      );
  }

  #end(reason) {
    this.#stop();
    this.#socket.close?.();
    this.#onClose?.(reason);
    this.#onClose = undefined;
  }

  #stop() {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }
}
