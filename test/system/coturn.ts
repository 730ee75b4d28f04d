/** The TURN server and the TURN client of coturn, on loopback. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "../../worker/db/free-port.ts";

export type Coturn = { url: string; stop: () => Promise<void> };

/** Its users: whoever has credentials made with this secret, or this one. */
export type Users = { secret: string } | { username: string; credential: string };

export async function startCoturn(users: Users): Promise<Coturn> {
  const folder = await mkdtemp(join(tmpdir(), "coturn-"));
  const port = await freePort();
  const authentication =
    "secret" in users
      ? ["--use-auth-secret", `--static-auth-secret=${users.secret}`]
      : ["--lt-cred-mech", `--user=${users.username}:${users.credential}`];
  const child = spawn("turnserver", [
    "-n",
    "--listening-ip=127.0.0.1",
    "--relay-ip=127.0.0.1",
    `--listening-port=${port}`,
    "--allow-loopback-peers",
    "--realm=satoshigle",
    "--no-tls",
    "--no-dtls",
    "--no-cli",
    "--log-file=stdout",
    `--pidfile=${join(folder, "pid")}`,
    `--userdb=${join(folder, "users")}`,
    ...authentication,
  ]);
  await untilReady(child);
  return {
    url: `turn:127.0.0.1:${port}?transport=udp`,
    async stop() {
      const exited = once(child, "exit");
      child.kill();
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

async function untilReady(child: ChildProcess): Promise<void> {
  const said: string[] = [];
  if (!child.stdout) throw new Error("no stdout");
  // Rejects if the program is not there.
  const ended = once(child, "exit").catch((error) => said.push(String(error)));
  for await (const line of createInterface(child.stdout)) {
    said.push(line);
    if (!line.includes("Total General servers")) continue;
    child.stdout.resume();
    return;
  }
  await ended;
  throw new Error(`coturn does not start; "npm run system:prepare" installs it.\n${said.join("\n")}`);
}

/** Whether the server at `url` lets this user send a message to another through it. Rejects if it does not say. */
export function canRelay(url: string, username: string, credential: string): Promise<boolean> {
  const { hostname, port } = new URL(url.replace("turn:", "http:"));
  // To itself, without RTCP, one message.
  const args = ["-u", username, "-w", credential, "-p", port, "-y", "-c", "-n", "1", "-m", "1", hostname];
  return new Promise((resolve, reject) => {
    execFile("turnutils_uclient", args, { timeout: 20_000 }, (error, stdout) => {
      if (!error && /tot_recv_msgs=2$/m.test(stdout)) resolve(true);
      else if (stdout.includes("Cannot complete Allocation")) resolve(false);
      else reject(error ?? new Error(stdout));
    });
  });
}
