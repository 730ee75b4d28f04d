import { expect, test } from "vitest";
import { subscriberOf } from "../../edge/address.ts";

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:DB8:1:2::", "2001:db8:1:2::/64"],
  ["2001:db8::5", "2001:db8:0:0::/64"],
  ["2001:db8:0:0:ffff::", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["unknown", "unknown"],
  ["not:an:address", "not:an:address"],
])("%s counts as %s", (address, subscriber) => {
  expect(subscriberOf(address)).toBe(subscriber);
});
