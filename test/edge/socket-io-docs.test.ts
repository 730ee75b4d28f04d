/** What docs/socket-io.md shows: its client runs, its stories happen. */
import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { io } from "socket.io-client";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ClientEvent } from "../../edge/socket-io/client-events.ts";
import { ServerEvent } from "../fuzz/edge/server-events.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { type Client, join, withdrawAll } from "./client.ts";
import { endAll, type Player, play } from "./socket-io-client.ts";

const PAGE = readFileSync(new URL("../../docs/socket-io.md", import.meta.url), "utf8");

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({ vars: { MAX_CONNECTIONS_PER_ADDRESS: "100" } });
});
afterEach(async () => {
  endAll();
  await withdrawAll();
});
afterAll(() => edge.close());

const blocks = (kind: string): string[] =>
  [...PAGE.matchAll(new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\`$`, "gms"))].map(([, text = ""]) => text);

test("two of the client on the page meet", async () => {
  const [code = ""] = blocks("js").map((text) => text.replace(/^import.*$/m, ""));
  const sockets: { disconnect(): unknown }[] = [];
  const said: string[] = [];
  const run = () =>
    runInNewContext(code, {
      io: (_: string, options: object) => {
        const socket = io(edge.url.href, { ...options, forceNew: true });
        sockets.push(socket);
        return socket;
      },
      console: { log: (text: string) => said.push(text), error: (text: string) => said.push(text) },
    });
  run();
  await expect.poll(() => said).toEqual(["waiting"]);
  run();
  await expect.poll(() => said).toEqual(["waiting", "waiting", "Ann: Hello"]);
  for (const socket of sockets) socket.disconnect();
});

test("every event has its line in a table", () => {
  const names = [
    ...ClientEvent.options.map(({ entries }) => entries.name.literal),
    ...ServerEvent.options.map(({ items }) => items[0].literal),
  ];
  for (const name of names) expect(PAGE).toMatch(new RegExp(`^\\| .*\`${name}\`.* \\|`, "m"));
});

/** Plays a story: who is who, and what the cut values stand for. */
class Play {
  readonly #players = new Map<string, Player>();
  readonly #natives = new Map<string, Client>();
  readonly #values = new Map<string, string>();

  async line(line: string): Promise<void> {
    const [, name = "", verb = "", rest = ""] =
      /^(\w+) (emits|hears|says|disconnects) *(.*)$/.exec(line) ?? [];
    const [, first = "", second = "", room = ""] = /^(\w+) and (\w+) are matched: "(.*)"$/.exec(line) ?? [];
    if (room !== "") await this.#match(first, second, room);
    else if (verb === "says") (await this.#native(name)).say(this.#whole(JSON.parse(rest)) as object);
    else if (verb === "hears") this.#compare(rest, await this.#heard(name));
    else if (verb === "emits") await this.#emit(await this.#player(name), rest);
    else if (verb === "disconnects") (await this.#player(name)).socket.disconnect();
    else throw new Error(`no line of a story: ${line}`);
  }

  async end(): Promise<void> {
    for (const player of this.#players.values())
      if (player.socket.connected) await player.expectNothingMore();
    for (const native of this.#natives.values()) await native.expectNothingMore();
  }

  async #player(name: string): Promise<Player> {
    const player = this.#players.get(name) ?? (await play(edge));
    this.#players.set(name, player);
    return player;
  }

  async #native(name: string): Promise<Client> {
    const native = this.#natives.get(name) ?? (await join(edge));
    this.#natives.set(name, native);
    return native;
  }

  async #match(first: string, second: string, room: string): Promise<void> {
    const player = await this.#player(first);
    player.emit("start-search");
    await player.next();
    if (second === "N") {
      const native = await this.#native(second);
      native.say({ type: "search" });
      await native.expect("waiting");
      await native.expect("matched");
    } else {
      const other = await this.#player(second);
      other.emit("start-search");
      await other.next();
      await other.next();
    }
    const [, match] = (await player.next()) as [string, { roomId: string }];
    this.#values.set(room, match.roomId);
  }

  async #emit(player: Player, text: string): Promise<void> {
    const [what = "", answer] = text.split(" and gets ");
    const [event, ...payload] = this.#whole(JSON.parse(`[${what}]`)) as [string, ...unknown[]];
    if (answer === undefined) player.emit(event, ...payload);
    else expect(await player.ask(event, ...payload)).toEqual(JSON.parse(answer));
  }

  /** An event as the list of its name and arguments; a message of `/ws` as it is. */
  async #heard(name: string): Promise<unknown> {
    return name === "N" ? (await this.#native(name)).next() : (await this.#player(name)).next();
  }

  #compare(text: string, heard: unknown): void {
    const told: unknown = text.startsWith("{") ? JSON.parse(text) : JSON.parse(`[${text}]`);
    this.#learn(told, heard);
    expect(heard).toEqual(this.#whole(told));
  }

  /** A cut value that is new stands for what was heard in its place. */
  #learn(told: unknown, heard: unknown): void {
    if (typeof told === "object" && told !== null && typeof heard === "object" && heard !== null) {
      for (const [key, value] of Object.entries(told))
        this.#learn(value, (heard as Record<string, unknown>)[key]);
    } else if (typeof told === "string" && told.endsWith("…") && !this.#values.has(told)) {
      this.#values.set(told, String(heard));
    }
  }

  /** With whole values. */
  #whole(value: unknown): unknown {
    return JSON.parse(JSON.stringify(value), (_, inner) => this.#values.get(inner) ?? inner);
  }
}

describe("the story", () => {
  test.each(blocks("transcript"))("%s", async (block) => {
    const story = new Play();
    for (const line of block.trimEnd().split("\n")) await story.line(line);
    await story.end();
  });
});
