/** A small HTTP server for the operator's own machine: a few pages to read, and nothing else. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "./log.ts";

export interface Page {
  status: number;
  type: string;
  body: string;
  headers?: Record<string, string>;
}

/** By path, without a query. */
export type Pages = ReadonlyMap<string, () => Page | Promise<Page>>;

const LIMITS = {
  /** Bytes of the request line and all headers; more is answered with 431. */
  maxHeaderSize: 8_192,
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
};
const MOST_CONNECTIONS = 100;

/**
 * Serves pages on 127.0.0.1. Port 0 lets the operating system choose. Rejects when the port is taken.
 */
export const serveHttp = async (
  port: number,
  pages: Pages,
  log: Logger,
): Promise<{ port: number; close(): void }> => {
  const server = createServer(LIMITS, (request, response) => void answer(request, response, pages, log));
  server.maxConnections = MOST_CONNECTIONS;
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  pages: Pages,
  log: Logger,
): Promise<void> => {
  // Whatever a body says, nobody reads it.
  request.resume();
  const { status, type, body, headers } = await pageFor(request, pages).catch((error) => {
    log.error({ err: error }, "a page could not be made");
    return failure(500, "internal error");
  });
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...headers,
  });
  response.end(body);
};

const pageFor = async ({ method, url = "/" }: IncomingMessage, pages: Pages): Promise<Page> => {
  const [path = "/"] = url.split("?", 1);
  const page = pages.get(path);
  if (!page) return failure(404, "not found");
  if (method !== "GET" && method !== "HEAD") {
    return failure(405, "method not allowed", { allow: "GET, HEAD" });
  }
  return page();
};

/** A page of JSON. */
export const json = (status: number, value: unknown, headers: Record<string, string> = {}): Page => ({
  status,
  type: "application/json; charset=utf-8",
  body: `${JSON.stringify(value)}\n`,
  headers,
});

const failure = (status: number, error: string, headers: Record<string, string> = {}): Page =>
  json(status, { error }, headers);
