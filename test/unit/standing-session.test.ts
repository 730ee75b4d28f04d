/** The session for what every request asks: lost and opened again, without losing the question. */
import { expect, test } from "vitest";
import type { SqlClient } from "../../worker/db/session.ts";
import { StandingSession } from "../../worker/db/standing-session.ts";

/** Sessions in the order in which they are opened: each answers with its number, or ends as it is asked. */
const setUp = (...answers: ("answers" | "ends" | "refuses the statement")[]) => {
  let opened = 0;
  const standing = new StandingSession(async (): Promise<SqlClient> => {
    const number = opened++;
    let end: (reason: Error) => void = () => {};
    const ended = new Promise<Error>((resolve) => {
      end = resolve;
    });
    return {
      ended,
      query: async () => {
        if (answers[number] === "answers") return [{ number }];
        if (answers[number] === "ends") end(new Error("lost"));
        throw new Error(answers[number]);
      },
      onNotification: () => {},
      close: async () => end(new Error("closed")),
    };
  });
  return { standing, opened: () => opened };
};

test("one session answers all questions", async () => {
  const { standing, opened } = setUp("answers");
  expect(await standing.query("SELECT", [])).toEqual([{ number: 0 }]);
  expect(await standing.query("SELECT", [])).toEqual([{ number: 0 }]);
  expect(opened()).toBe(1);
});

test("a question over which the session is lost is asked once more on a new one", async () => {
  const { standing } = setUp("ends", "answers");
  expect(await standing.query("SELECT", [])).toEqual([{ number: 1 }]);
});

test("a second loss is told, and the next question has a new session", async () => {
  const { standing } = setUp("ends", "ends", "answers");
  await expect(standing.query("SELECT", [])).rejects.toThrow("ends");
  expect(await standing.query("SELECT", [])).toEqual([{ number: 2 }]);
});

test("a statement that the database refuses is not asked again", async () => {
  const { standing, opened } = setUp("refuses the statement");
  await expect(standing.query("SELECT", [])).rejects.toThrow("refuses");
  expect(opened()).toBe(1);
});
