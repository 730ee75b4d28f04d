import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const DEV = fileURLToPath(new URL("../../edge/dev.mjs", import.meta.url));

const run = (args: string[], env: Record<string, string> = {}) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [DEV, ...args], {
    env: { ...process.env, ...env },
    encoding: "utf8",
    timeout: 20_000,
  });
  return { status, stdout, stderr };
};

test.each(["abc", "70000", "0x10000", "-1", "1.5"])("PORT=%s: one line, and exit code 2", (PORT) => {
  const stderr = "PORT must be a whole number from 1 to 65535\n";
  expect(run([], { PORT })).toEqual({ status: 2, stdout: "", stderr });
});

test("an argument that means nothing: one line, and exit code 2", () => {
  expect(run(["--prot"])).toEqual({ status: 2, stdout: "", stderr: "unknown argument: --prot\n" });
});

test("--help says what it starts, and starts nothing", () => {
  expect(run(["--help"])).toEqual({ status: 0, stdout: expect.stringContaining("PORT"), stderr: "" });
});
