import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Edge, startEdge } from "../support/edge.ts";
import { RelayClient } from "../support/relay-client.ts";
import { author, letter, now, sign } from "./events.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.close());

describe("events", () => {
  test("reach those whose filter they pass, and nobody else", async () => {
    const [alice, bob] = [author(), author()];
    const [forBob, forAlice, everything, sender] = await Promise.all([
      RelayClient.open(edge),
      RelayClient.open(edge),
      RelayClient.open(edge),
      RelayClient.open(edge),
    ]);
    await forBob.subscribe("b", { kinds: [24133], "#p": [bob.pubkey] });
    await forAlice.subscribe("a", { kinds: [24133], "#p": [alice.pubkey] });
    await everything.subscribe("all", { authors: [alice.pubkey], since: now() - 60 });

    const event = letter(alice, bob.pubkey);
    expect(await sender.publish(event)).toEqual({ accepted: true, reason: "" });
    expect(await forBob.received()).toEqual([["EVENT", "b", event]]);
    expect(await everything.received()).toEqual([["EVENT", "all", event]]);
    expect(await forAlice.received()).toEqual([]);
  });

  test("come to each subscription of a socket, once, however many filters they pass", async () => {
    const client = await RelayClient.open(edge);
    const me = author();
    await client.subscribe("one", { "#p": [me.pubkey] }, { authors: [me.pubkey] }, { kinds: [20_001] });
    await client.subscribe("two", { "#t": ["ours"] });
    const event = sign(me, {
      kind: 20_001,
      tags: [
        ["p", me.pubkey],
        ["t", "ours"],
      ],
    });
    await client.publish(event);
    client.send("EVENT", event);
    const messages = await client.received();
    expect(messages).toEqual([["OK", event.id, true, "duplicate: already have this event"]]);
  });

  test.for([
    ["a regular kind", { kind: 1 }, "blocked: this relay takes ephemeral events only (kinds 20000 to 29999)"],
    ["a replaceable kind", { kind: 10_002 }, "blocked: "],
    ["an addressable kind", { kind: 30_000 }, "blocked: "],
    ["an authentication", { kind: 22242 }, "blocked: "],
    ["a protected event", { tags: [["-"]] }, "blocked: "],
    ["an event from the past", { created_at: now() - 660 }, "invalid: created_at"],
    ["an event from the future", { created_at: now() + 660 }, "invalid: created_at"],
  ] as const)("are refused: %s", async ([, template, reason]) => {
    const client = await RelayClient.open(edge);
    const event = sign(author(), { ...template, tags: "tags" in template ? [["-"]] : [] });
    const answer = await client.publish(event);
    expect(answer).toEqual({ accepted: false, reason: expect.stringContaining(reason) });
  });

  test("that their author did not write are refused and not delivered", async () => {
    const [client, listener] = [await RelayClient.open(edge), await RelayClient.open(edge)];
    const me = author();
    await listener.subscribe("mine", { authors: [me.pubkey] });
    const event = sign(me, { content: "as signed" });
    const forgeries = [
      { ...event, content: "not as signed" },
      { ...event, sig: sign(me, { content: "another" }).sig },
      { ...event, pubkey: author().pubkey },
      { ...event, id: "0".repeat(64) },
    ];
    for (const forgery of forgeries) {
      const answer = await client.publish(forgery);
      expect(answer).toEqual({ accepted: false, reason: "invalid: the id or the signature is wrong" });
    }
    expect(await client.publish(event)).toEqual({ accepted: true, reason: "" });
    expect(await listener.received()).toEqual([["EVENT", "mine", event]]);
  });

  test("of the wrong shape are answered by id where they have one", async () => {
    const client = await RelayClient.open(edge);
    const event = sign(author());
    const answer = await client.publish({ ...event, kind: "20000" } as unknown as typeof event);
    expect(answer).toEqual({ accepted: false, reason: expect.stringMatching(/^invalid: kind: /) });
    client.send("EVENT", { kind: 20_000 });
    expect(await client.next()).toEqual(["NOTICE", expect.stringMatching(/^invalid: /)]);
  });
});

describe("subscriptions", () => {
  test("end with CLOSE, and are replaced by a REQ of the same id", async () => {
    const client = await RelayClient.open(edge);
    const [first, second] = [author(), author()];
    await client.subscribe("s", { "#p": [first.pubkey] });
    await client.subscribe("s", { "#p": [second.pubkey] });
    const [old, current] = [letter(first, first.pubkey), letter(first, second.pubkey)];
    client.send("EVENT", old);
    client.send("EVENT", current);
    expect(await client.received()).toEqual([
      ["OK", old.id, true, ""],
      ["EVENT", "s", current],
      ["OK", current.id, true, ""],
    ]);
    client.send("CLOSE", "s");
    client.send("CLOSE", "never opened");
    const unheard = letter(first, second.pubkey);
    client.send("EVENT", unheard);
    expect(await client.received()).toEqual([["OK", unheard.id, true, ""]]);
  });

  test.for([
    ["an unknown field", [{ search: "x" }], "unsupported: "],
    ["a tag of more than one letter", [{ "#emoji": ["x"] }], "unsupported: "],
    ["upper-case hex", [{ "#p": ["A".repeat(64)] }], "invalid: #p "],
    ["a short author", [{ authors: ["abc"] }], "invalid: authors"],
    ["a kind that is none", [{ kinds: [1.5] }], "invalid: kinds"],
    ["a time that is none", [{ since: "now" }], "invalid: since"],
    ["no filter", [], "invalid: "],
    ["a filter that is no object", [["p"]], "invalid: "],
    ["null", [null], "invalid: "],
  ] as const)("are refused with the reason: %s", async ([, filters, reason]) => {
    const client = await RelayClient.open(edge);
    client.send("REQ", "s", ...filters);
    expect(await client.next()).toEqual(["CLOSED", "s", expect.stringContaining(reason)]);
  });

  test("need an id of 1 to 64 characters", async () => {
    const client = await RelayClient.open(edge);
    for (const id of ["", "x".repeat(65), 7, undefined]) {
      client.send("REQ", id, {});
      expect(await client.next()).toEqual(["NOTICE", expect.stringMatching(/^invalid: /)]);
    }
    expect(await client.subscribe("x".repeat(64), { kinds: [20_000] })).toEqual([]);
  });

  test("other messages are refused in the words of their NIPs", async () => {
    const client = await RelayClient.open(edge);
    client.send("COUNT", "c", { kinds: [1] });
    expect(await client.next()).toEqual(["CLOSED", "c", expect.stringMatching(/^unsupported: /)]);
    client.send("AUTH", sign(author(), { kind: 22242 }));
    expect(await client.next()).toEqual(["NOTICE", expect.stringMatching(/^invalid: /)]);
  });
});
