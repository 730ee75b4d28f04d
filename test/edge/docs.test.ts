/** What docs/protocol.md shows: its messages are messages, its stories happen. */
import { readFileSync } from "node:fs";
import { npubEncode } from "nostr-tools/nip19";
import * as v from "valibot";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CloseCode } from "../../protocol/close-codes.ts";
import { PageSettings, Presence } from "../../protocol/http-answers.ts";
import { ClientMessage, ServerMessage } from "../../protocol/messages.ts";
import { CLIENT_AUTH } from "../../protocol/nostr.ts";
import { author, sign } from "../relay/events.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { type Client, comeBack, join, withdrawAll } from "./client.ts";

const PAGE = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({ vars: { MAX_CONNECTIONS_PER_ADDRESS: "100", RATE_LIMIT_MAX_REQUESTS: "1000" } });
});
afterEach(withdrawAll);
afterAll(() => edge.close());

const blocks = (kind: string): string[][] =>
  [...PAGE.matchAll(new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\`$`, "gms"))].map(([, text = ""]) =>
    text.trimEnd().split("\n"),
  );

/** What may stand for the rest of a value that is cut short. */
const WHOLE: Record<string, string> = {
  challenge: "0".repeat(64),
  npub: npubEncode("0".repeat(64)),
  id: "0".repeat(64),
  pubkey: "0".repeat(64),
  sig: "0".repeat(128),
};
const whole = (line: string): unknown =>
  JSON.parse(line, (key, value) =>
    typeof value === "string" && value.endsWith("…") ? (WHOLE[key] ?? value) : value,
  );

const lines = (kind: string): [string][] =>
  blocks(kind).flatMap((block) => block.map((line): [string] => [line]));

test.each(lines("json client"))("a client may say %s", (line) => {
  expect(v.safeParse(ClientMessage, whole(line)).issues).toBeUndefined();
});

test.each(lines("json server"))("the server may say %s", (line) => {
  expect(v.safeParse(ServerMessage, whole(line)).issues).toBeUndefined();
});

test.each(lines("json answer"))("a page may be answered %s", (line) => {
  expect(
    v.safeParse(
      v.union([v.strictObject(Presence.entries), v.strictObject(PageSettings.entries)]),
      whole(line),
    ).issues,
  ).toBeUndefined();
});

/** The `type` of every message of a schema. */
const typesOf = (schema: typeof ClientMessage | typeof ServerMessage): string[] =>
  schema.options.flatMap((option) =>
    "options" in option
      ? typesOf(option as unknown as typeof ClientMessage)
      : String(option.entries.type.literal),
  );

test("every message has its line in a table, and its example", () => {
  const examples = [...lines("json client"), ...lines("json server")].map(([line]) => JSON.parse(line).type);
  for (const type of [...typesOf(ClientMessage), ...typesOf(ServerMessage)]) {
    expect(PAGE).toMatch(new RegExp(`^\\| .*\`${type}\`.* \\|`, "m"));
    expect(examples).toContain(type);
  }
  for (const code of Object.values(CloseCode)) expect(PAGE).toContain(`| ${code} |`);
});

/** Plays a story: who is who, and what the cut values stand for. */
class Play {
  readonly #people = new Map<string, Client>();
  readonly #values = new Map<string, string>();

  async line(line: string): Promise<void> {
    const [, name = "", verb = "", json = ""] = /^(\w+) (says|hears) +(.*)$/.exec(line) ?? [];
    const [, first = "", second = "", id = ""] = /^(\w+) and (\w+) are matched: "(.*)"$/.exec(line) ?? [];
    const [, who = "", act = ""] = /^(\w+) (drops|comes back|goes|signs in)$/.exec(line) ?? [];
    if (verb === "says") (await this.#person(name)).say(this.#read(JSON.parse(json)));
    else if (verb === "hears") this.#compare(JSON.parse(json), await (await this.#person(name)).next());
    else if (id !== "") await this.#match(first, second, id);
    else if (act !== "") await this.#act(who, act);
    else throw new Error(`no line of a story: ${line}`);
  }

  async end(): Promise<void> {
    for (const person of this.#people.values())
      if (person.socket.readyState === person.socket.OPEN) await person.expectNothingMore();
  }

  async #person(name: string): Promise<Client> {
    const person = this.#people.get(name) ?? (await join(edge));
    this.#people.set(name, person);
    return person;
  }

  async #match(first: string, second: string, id: string): Promise<void> {
    for (const name of [first, second]) {
      const person = await this.#person(name);
      person.say({ type: "search" });
      await person.expect("waiting");
    }
    for (const name of [first, second]) {
      const { matchId } = await (await this.#person(name)).expect("matched");
      this.#values.set(id, matchId);
    }
  }

  async #act(name: string, act: string): Promise<void> {
    const person = await this.#person(name);
    if (act === "drops") await person.drop();
    else if (act === "goes") await person.leave();
    else if (act === "comes back") this.#people.set(name, await comeBack(edge, person));
    else {
      const { challenge } = person.welcome;
      const tags = [
        ["relay", `ws://${edge.url.host}/ws`],
        ["challenge", challenge],
      ];
      const who = author();
      this.#values.set("npub1…", npubEncode(who.pubkey));
      person.say({ type: "auth", event: sign(who, { kind: CLIENT_AUTH, tags }) });
    }
  }

  /** The message with whole values. */
  #read(message: unknown): object {
    return JSON.parse(JSON.stringify(message), (_, value) => this.#values.get(value) ?? value);
  }

  /** What was heard has at least what the story says; a cut value that is new stands for what was heard. */
  #compare(told: Record<string, unknown>, heard: ServerMessage): void {
    const found = Object.entries(heard);
    for (const [key, value] of found) {
      const cut = told[key];
      if (typeof cut === "string" && cut.endsWith("…") && !this.#values.has(cut))
        this.#values.set(cut, String(value));
    }
    expect(heard).toMatchObject(this.#read(told));
  }
}

describe("the story", () => {
  test.each(blocks("transcript").map((block) => [block.join("\n"), block] as const))(
    "%s",
    async (_, block) => {
      const play = new Play();
      for (const line of block) await play.line(line);
      await play.end();
    },
  );
});
