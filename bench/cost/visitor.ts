/** One who comes in the evening: meets so many people, says a little to each, and goes. */
import { once } from "node:events";
import { finalizeEvent, generateSecretKey } from "nostr-tools/pure";
import { WebSocket } from "ws";
import { HEARTBEAT, type ServerMessage } from "../../protocol/messages.ts";
import { CLIENT_AUTH } from "../../protocol/nostr.ts";
import { description, trickle } from "../browser.ts";
import { type Conversation, type Plan, SPEED } from "./plan.ts";

type Matched = Extract<ServerMessage, { type: "matched" }>;

/** Evening seconds that somebody waits for anybody to talk to. */
const PATIENCE = 60;
/** Evening seconds until somebody is back whose connection has dropped. */
const AWAY = 5;

export interface Experience {
  matches: number;
  pings: number;
  /** What the server refused to do, and unexpected ends. */
  troubles: string[];
}

export class Visitor {
  readonly #server: URL;
  readonly #address: string;
  readonly #plan: Plan;
  readonly #isBatching: boolean;
  readonly #experience: Experience = { matches: 0, pings: 0, troubles: [] };
  #socket: WebSocket | undefined;
  #lobby: string | undefined;
  #token: string | undefined;
  #matchId = "";
  readonly #timers = new Set<NodeJS.Timeout>();
  #done = () => {};

  /** @param address where the visitor seems to come from */
  constructor(server: URL, address: string, plan: Plan, isBatching: boolean) {
    this.#server = server;
    this.#address = address;
    this.#plan = plan;
    this.#isBatching = isBatching;
  }

  /** From coming to going. */
  async visit(): Promise<Experience> {
    const gone = new Promise<void>((resolve) => {
      this.#done = resolve;
    });
    this.#connect();
    const heartbeat = setInterval(() => this.#ping(), (HEARTBEAT.seconds * 1_000) / SPEED);
    await gone;
    clearInterval(heartbeat);
    this.#rest();
    const socket = this.#socket;
    if (socket && socket.readyState !== WebSocket.CLOSED) {
      socket.close(1000);
      await once(socket, "close");
    }
    return this.#experience;
  }

  #connect(): void {
    const url = new URL("/ws?v=1", this.#server);
    url.protocol = "ws:";
    if (this.#lobby !== undefined) url.searchParams.set("lobby", this.#lobby);
    const socket = new WebSocket(url, { headers: { "cf-connecting-ip": this.#address } });
    this.#socket = socket;
    socket.on("open", () => this.#ping());
    socket.on("message", (data) => {
      const text = data.toString();
      if (text !== HEARTBEAT.response && socket === this.#socket) this.#hear(JSON.parse(text));
    });
    socket.on("error", () => {});
    socket.on("close", (code) => {
      if (socket !== this.#socket || code === 1000 || code === 1005) return;
      this.#experience.troubles.push(`closed with ${code}`);
      this.#done();
    });
  }

  #hear(message: ServerMessage): void {
    switch (message.type) {
      case "welcome":
        this.#lobby = message.lobby;
        if (this.#token === undefined) this.#begin(message.challenge);
        else this.#say({ type: "resume", token: this.#token });
        break;
      case "session":
        this.#token = message.token;
        break;
      case "waiting":
        this.#rest();
        if (this.#plan.conversations.length <= this.#experience.matches) this.#done();
        else this.#after(PATIENCE, () => this.#done());
        break;
      case "matched":
        this.#converse(message);
        break;
      case "resumed":
        if (message.match) this.#after(this.#conversation?.patience ?? 0, () => this.#goOn());
        else this.#after(PATIENCE, () => this.#done());
        break;
      case "signal":
        if (message.matchId !== this.#matchId) break;
        if (message.description?.type === "offer") this.#connectTo("answer");
        else if (message.description) this.#trickle();
        break;
      case "ended":
        this.#matchId = "";
        this.#rest();
        break;
      case "move":
        this.#token = message.token;
        this.#lobby = message.lobby;
        this.#connect();
        break;
      case "error":
        this.#experience.troubles.push(message.code);
        break;
    }
  }

  /** First of all, whoever wants to says who they are. */
  #begin(challenge: string): void {
    if (this.#plan.signsIn) {
      const tags = [
        ["relay", `ws://${this.#server.host}/ws`],
        ["challenge", challenge],
      ];
      const draft = { kind: CLIENT_AUTH, created_at: Math.floor(Date.now() / 1_000), tags, content: "" };
      const { id, pubkey, created_at, kind, content, sig } = finalizeEvent(draft, generateSecretKey());
      this.#say({ type: "auth", event: { id, pubkey, created_at, kind, tags, content, sig } });
    }
    this.#say({ type: "search", interests: this.#plan.interests });
  }

  get #conversation(): Conversation | undefined {
    return this.#plan.conversations[this.#experience.matches - 1];
  }

  #converse({ matchId, role }: Matched): void {
    this.#rest();
    this.#matchId = matchId;
    this.#experience.matches += 1;
    const { patience, lines, drops, reports } = this.#conversation ?? { patience: 0, lines: 0 };
    if (role === "impolite") this.#connectTo("offer");
    for (let line = 1; line <= lines; line++)
      this.#after((patience * line) / (lines + 1), () => this.#write(`line ${line}`));
    if (reports) this.#after(patience / 2, () => this.#tell({ type: "report", reason: "not nice" }));
    if (drops) this.#after(patience / 3, () => this.#drop());
    this.#after(patience, () => this.#goOn());
  }

  #connectTo(type: "offer" | "answer"): void {
    this.#tell({ type: "signal", ...description(type) });
    if (type === "answer") this.#trickle();
  }

  #trickle(): void {
    for (const signal of trickle(this.#isBatching)) this.#tell({ type: "signal", ...signal });
  }

  #write(text: string): void {
    this.#tell({ type: "typing", on: true });
    this.#tell({ type: "chat", id: text, text });
    this.#tell({ type: "typing", on: false });
  }

  /** The next one; after the last, nobody. */
  #goOn(): void {
    if (this.#experience.matches < this.#plan.conversations.length) this.#tell({ type: "skip" });
    else this.#done();
  }

  #drop(): void {
    this.#rest();
    const dropped = this.#socket;
    this.#socket = undefined;
    dropped?.terminate();
    this.#after(AWAY, () => this.#connect());
  }

  #ping(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(HEARTBEAT.request);
    this.#experience.pings += 1;
  }

  /** To, or about, the other side. */
  #tell(message: object): void {
    if (this.#matchId !== "") this.#say({ ...message, matchId: this.#matchId });
  }

  #say(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #after(eveningSeconds: number, action: () => void): void {
    const timer = setTimeout(action, (eveningSeconds * 1_000) / SPEED);
    this.#timers.add(timer);
  }

  /** Nothing more of what was planned for now. */
  #rest(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
