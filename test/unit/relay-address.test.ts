import { expect, test } from "vitest";
import { relayAddress } from "../../worker/relay-address.ts";

test.each([
  ["wss://Relay.Example", "wss://relay.example"],
  ["wss://relay.example:443/", "wss://relay.example"],
  ["ws://127.0.0.1:3001/relay/", "ws://127.0.0.1:3001/relay"],
  ["wss://relay.example/Path?key=Value#part", "wss://relay.example/Path?key=Value"],
  ["wss://user:pass@relay.example", null],
  ["wss://user@relay.example", null],
  ["https://relay.example", null],
  ["relay.example", null],
  ["", null],
])("%s is %s", (text, address) => {
  expect(relayAddress(text)).toBe(address);
});
