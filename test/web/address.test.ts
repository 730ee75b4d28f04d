/** Where `connect` takes an edge to be. */
import { expect, test } from "vitest";
import { connect } from "../../web/client/main.ts";

test.each(["ftp://127.0.0.1", "mailto:a@b", "no address", ""])("%o is no address of an edge", (address) => {
  expect(() => connect(address)).toThrow(TypeError);
});

test.each(["http://127.0.0.1:9/page?x#y", "ws://127.0.0.1:9", new URL("https://127.0.0.1:9")])(
  "%s is one",
  (address) => {
    const visit = connect(address);
    expect(visit.connection).toEqual({ is: "connecting" });
    visit.close();
  },
);
