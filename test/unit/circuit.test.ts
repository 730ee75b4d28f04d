/** When questions to the database are asked, and how long is waited for their answers. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { pino } from "pino";
import { expect, test } from "vitest";
import { Circuit, CircuitOpen } from "../../worker/circuit.ts";
import { within } from "../../worker/db/session.ts";

const silent = pino({ level: "silent" });

test("after a question that failed none is asked until the database answers, and that can be waited for", async () => {
  let answer = () => {};
  const circuit = new Circuit(
    () =>
      new Promise<void>((resolve) => {
        answer = resolve;
      }),
    silent,
  );
  await circuit.answering();
  await expect(circuit.ask(() => Promise.reject(new Error("away")))).rejects.toThrow("away");
  let isAnswering = false;
  const answering = circuit.answering().then(() => {
    isAnswering = true;
  });
  await expect(circuit.ask(async () => "asked")).rejects.toThrow(CircuitOpen);
  expect(isAnswering).toBe(false);
  answer();
  await answering;
  expect(await circuit.ask(async () => "asked")).toBe("asked");
  circuit.close();
});

test("nobody waits for a circuit that is closed for good", async () => {
  const circuit = new Circuit(() => Promise.reject(new Error("away")), silent);
  await expect(circuit.ask(() => Promise.reject(new Error("away")))).rejects.toThrow("away");
  circuit.close();
  await circuit.answering();
});

test("an answer that came while the process stood still is in time", async () => {
  const echo = spawn("cat");
  echo.stdin.write("ready");
  await once(echo.stdout, "data");
  const answer = once(echo.stdout, "data").then(String);
  echo.stdin.write("answer");
  const heard = within(answer, 20, "no answer");
  const stillness = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(stillness, 0, 0, 500);
  expect(await heard).toBe("answer");
  echo.stdin.end();
});
