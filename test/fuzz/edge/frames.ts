/** Hostile frames for each door: much that is nearly right, and some of everything else. */
import fc from "fast-check";
import { ClientMessage } from "../../../protocol/messages.ts";
import { Candidate, Description } from "../../../protocol/webrtc.ts";
import { garbled, mutated } from "./mutations.ts";
import { text, valuesOf } from "./values.ts";

/** What is sent as text, or, of a `Buffer`, as a binary frame, or as text that is not UTF-8. */
export type Frame = string | { bytes: Buffer; binary: boolean };

/** Stand for the sender's match, and for the last token that anybody hostile was given. */
export const MATCH = "00000000-0000-4000-8000-000000000000";
export const TOKEN = "the-token-of-one-of-us";

export type DoorName = "native" | "socket.io";

const matchId = fc.oneof({ weight: 6, arbitrary: fc.constant(MATCH) }, { weight: 1, arbitrary: text(1, 64) });

/** JSON as it may be written, rather than as we write it. */
const written = (value: unknown): string => JSON.stringify(value) ?? "undefined";

const message = fc.tuple(valuesOf(ClientMessage), matchId, fc.boolean()).map(([value, id, isOurs]) => {
  const message = { ...(value as object) };
  if ("matchId" in message) message.matchId = id;
  if ("token" in message && isOurs) message.token = TOKEN;
  return message;
});

const payload = fc.jsonValue({ maxDepth: 3 });
const roomId = matchId;
const events: fc.Arbitrary<unknown[]> = fc.oneof(
  fc.constantFrom("start-search", "skip", "stop-search", "debug-state").map((name) => [name]),
  fc.record({ matchId }).map((about) => ["match-ready", about]),
  fc.record({ roomId, description: valuesOf(Description) }).map((about) => ["signal", about]),
  fc.record({ roomId, candidate: fc.option(valuesOf(Candidate)) }).map((about) => ["signal", about]),
  fc
    .tuple(
      fc.constantFrom("join-chat", "typing-start", "typing-stop", "join-game-room"),
      fc.record({ roomId }),
    )
    .map((event) => [...event]),
  fc
    .record({
      roomId,
      message: fc.record({
        id: text(1, 64),
        senderId: payload,
        senderName: text(0, 64),
        content: text(1, 200),
      }),
    })
    .map((about) => ["chat-message", about]),
  fc.record({ roomId, game: text(1, 64), settings: payload }).map((about) => ["game-invite", about]),
  fc.record({ roomId, game: text(1, 64), accepted: fc.boolean() }).map((about) => ["game-response", about]),
  fc
    .record({ roomId, game: text(1, 64), type: text(0, 64), data: payload })
    .map((about) => ["game-action", about]),
);

const ack = fc.oneof(
  { weight: 4, arbitrary: fc.constant("") },
  fc.constantFrom("0", "7", "9007199254740993", "1".repeat(300), "-1", "1.5"),
);
const namespace = fc.oneof(
  { weight: 9, arbitrary: fc.constant("") },
  fc.constantFrom("/,", "/admin,", "/admin?token=1,", "/", "/\u0000,", `/${"x".repeat(500)},`),
);
/** Engine.IO's type, Socket.IO's type, and how many attachments are to follow. */
const head = fc.oneof(
  { weight: 12, arbitrary: fc.constant("42") },
  fc.constantFrom(
    "40",
    "41",
    "43",
    "44",
    "45",
    "46",
    "451-",
    "4599999999999-",
    "45-",
    "461-",
    "49",
    "4",
    "42[",
  ),
  fc.constantFrom("0", "1", "2", "3", "5", "6", "7", "b", "\x1e42", "42\x1e42"),
);
const event = (values: fc.Arbitrary<unknown>) =>
  fc
    .tuple(head, namespace, ack, values)
    .map(([type, nsp, id, value]) => `${type}${nsp}${id}${written(value)}`);

const PACKETS = [
  "",
  "0{}",
  "1",
  "2",
  "2probe",
  "3",
  "3probe",
  "4",
  "40",
  "41",
  "5",
  "6",
  "2\u0000",
  "4\ud800",
];
const BINARY = [
  '451-["signal",{"_placeholder":true,"num":0}]',
  '461-0[{"_placeholder":true,"num":9}]',
  "bAQIDBA==",
];

const depth = fc.constantFrom(33, 1_000, 12_000);
const nonsense = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.json({ maxDepth: 4 }),
  depth.map((n) => "[".repeat(n) + "]".repeat(n)),
  depth.map((n) => '{"a":'.repeat(n)),
  depth.map(
    (n) =>
      `{"type":"app","matchId":"${MATCH}","app":"a","event":"e","data":${"[".repeat(n)}${"]".repeat(n)}}`,
  ),
  fc.constantFrom("Ping", "ping ", "pong", "\u0000ping", "1e999", "-", "\ufeff{}", '"', "{}", "null"),
);

const bytes = fc.uint8Array({ maxLength: 40 }).map((list) => Buffer.from(list));
const notText: fc.Arbitrary<Frame> = fc.oneof(
  { weight: 20, arbitrary: bytes.map((bytes) => ({ bytes, binary: true })) },
  { weight: 5, arbitrary: message.map((value) => ({ bytes: Buffer.from(written(value)), binary: true })) },
  // Not even text: ends the connection.
  {
    weight: 1,
    arbitrary: bytes.map((bytes) => ({
      bytes: Buffer.concat([bytes, Buffer.of(0xc3, 0x28)]),
      binary: false,
    })),
  },
);
/** Above the size limit: ends the connection. */
const tooLarge = fc.constantFrom(
  "x".repeat(65_537),
  `{"type":"stop","x":"${"y".repeat(100_000)}"}`,
  `42["skip",${"1".repeat(70_000)}]`,
);

export const hostileFrame: Record<DoorName, fc.Arbitrary<Frame>> = {
  native: fc.oneof(
    { weight: 400, arbitrary: mutated(message).map(written) },
    { weight: 150, arbitrary: garbled(message.map(written)) },
    { weight: 150, arbitrary: message.map(written) },
    { weight: 100, arbitrary: nonsense },
    { weight: 50, arbitrary: notText },
    { weight: 1, arbitrary: tooLarge },
  ),
  "socket.io": fc.oneof(
    { weight: 400, arbitrary: event(mutated(events)) },
    { weight: 150, arbitrary: garbled(event(events)) },
    { weight: 150, arbitrary: event(events) },
    { weight: 50, arbitrary: fc.constantFrom(...PACKETS, ...BINARY) },
    { weight: 50, arbitrary: nonsense.map((text) => `42${text}`) },
    { weight: 50, arbitrary: nonsense },
    { weight: 50, arbitrary: notText },
    { weight: 1, arbitrary: tooLarge },
  ),
};
