import { once } from "node:events";
import { createServer } from "node:net";

/** A port of 127.0.0.1 that the operating system has to give, for a program that does not ask for one itself. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("the OS gave no port");
  return address.port;
}
