import { safeParse } from "valibot";
import { expect, test } from "vitest";
import { ClientMessage } from "../../protocol/messages.ts";
import { searchFor } from "../../web/client/wish.ts";

test("nothing is wished for: anybody, over video", () => {
  expect(searchFor({})).toEqual({ type: "search", mode: "video", interests: [] });
});

test("whatever somebody types, the server takes it", () => {
  const interests = [
    "  chess ",
    "chess",
    "",
    "   ",
    `${"x".repeat(31)}😀`,
    "\ud83d half",
    ...Array.from({ length: 20 }, (_, n) => String(n)),
  ];
  const search = searchFor({ mode: "text", interests });
  expect(safeParse(ClientMessage, search).success).toBe(true);
  expect(search.interests).toEqual(["chess", "x".repeat(31), "half", "0", "1", "2", "3", "4"]);
});
