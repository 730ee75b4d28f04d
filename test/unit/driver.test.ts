import { expect, test } from "vitest";
import { chooseDriver, directUrl, parseDatabaseUrl } from "../../worker/db/driver.ts";

const at = (host: string) => new URL(`postgresql://user:secret@${host}/db`);

test.each([
  ["ep-cool-darkness-a1b2c3d4.us-east-2.aws.neon.tech", "neon"],
  ["ep-cool-darkness-a1b2c3d4-pooler.c-2.eu-central-1.aws.neon.tech:5432", "neon"],
  ["EP-COOL.EASTUS2.AZURE.NEON.TECH", "neon"],
  ["ep-cool.eu-west-1.aws.neon.build", "neon"],
  ["ep-cool-pooler.us-east-1.postgres.vercel-storage.com", "neon"],
  ["localhost:5432", "pg"],
  ["db.example.com", "pg"],
  ["neon.tech.example.com", "pg"],
  ["myneon.tech", "pg"],
] as const)("%s is reached with %s", (host, driver) => {
  expect(chooseDriver(at(host))).toBe(driver);
});

test("the driver asked for wins over the host", () => {
  expect(chooseDriver(at("localhost"), "neon")).toBe("neon");
  expect(chooseDriver(at("ep-cool.eu-west-1.aws.neon.tech"), "pg")).toBe("pg");
});

test("sessions go to Neon's direct endpoint, and elsewhere to the very host", () => {
  expect(directUrl(at("ep-cool-pooler.eu-west-1.aws.neon.tech"))).toEqual(
    at("ep-cool.eu-west-1.aws.neon.tech"),
  );
  expect(directUrl(at("my-pooler.example.com:6432"))).toEqual(at("my-pooler.example.com:6432"));
});

test.each([
  "secret",
  "http://user:secret@host/db",
  "postgresql://user:secret@host:port/db",
  "postgresql:///db",
])("refuses %s without repeating it", (url) => {
  const error = thrown(() => parseDatabaseUrl(url));
  expect(error.message).toContain("postgresql://user:password@host:port/database");
  expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toContain("secret");
});

function thrown(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("it did not throw an Error");
}
