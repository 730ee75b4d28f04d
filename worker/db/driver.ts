import net from "node:net";
import { Client as NeonClient, Pool as NeonPool, neonConfig } from "@neondatabase/serverless";
import pg from "pg";
import type { Logger } from "pino";
import WebSocket, { type ClientOptions } from "ws";
import { CONNECT_TIMEOUT_MS, QUERY_TIMEOUT_MS, type SqlClient, startSession } from "./session.ts";

export type Driver = "pg" | "neon";

/** Neon's own domain, that of its staging, and that of the databases it runs for Vercel. */
const NEON_DOMAINS = [".neon.tech", ".neon.build", ".postgres.vercel-storage.com"];

const isNeonHost = (host: string) => NEON_DOMAINS.some((domain) => host.toLowerCase().endsWith(domain));

/**
 * Reads a `postgresql://` URL. Throws an Error that does not repeat it: the URL holds the password, and
 * Node's own error for a malformed one carries it along.
 */
export function parseDatabaseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^postgres(ql)?:$/.test(parsed.protocol) || parsed.hostname === "") {
    throw new Error("the database URL is not of the form postgresql://user:password@host:port/database");
  }
  return parsed;
}

/** The driver asked for; else Neon's for a host of Neon's, and plain TCP for any other. */
export function chooseDriver(url: URL, asked?: Driver): Driver {
  return asked ?? (isNeonHost(url.hostname) ? "neon" : "pg");
}

/** The endpoint that keeps sessions: Neon's pooled one has neither LISTEN nor locks that last. */
export function directUrl(url: URL): URL {
  const direct = new URL(url);
  if (isNeonHost(url.hostname)) direct.hostname = url.hostname.replace("-pooler.", ".");
  return direct;
}

/** The settings of every connection, pooled or dedicated. */
export function connectionSettings(url: URL) {
  return {
    connectionString: url.href,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // Counted on our side: a frozen server would not count, and poolers refuse `statement_timeout`.
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
  };
}

/** What the pools of both drivers have in common. */
export interface Pool {
  query(sql: string, values: unknown[]): Promise<{ rows: unknown[] }>;
  /** Resolves when what is under way is done. */
  end(): Promise<void>;
}

/** A pool of connections, opened as they are needed; `onLoss` is told of one that is lost while nothing is asked on it. */
export function openPool(url: URL, driver: Driver, max: number, onLoss: (error: Error) => void): Pool {
  const settings = { ...connectionSettings(url), max };
  if (driver === "neon") return new NeonPool(settings).on("error", onLoss);
  return new pg.Pool(settings).on("error", onLoss);
}

/** Opens a dedicated session at the direct endpoint. */
export function connectSession(url: URL, driver: Driver, log: Logger): Promise<SqlClient> {
  const direct = directUrl(url);
  // The session sets its own limit on each query.
  const settings = { ...connectionSettings(direct), query_timeout: 0 };
  if (driver === "neon") {
    const client = new NeonClient(settings);
    return startSession(client, () => void client.end(), direct.host, log);
  }
  const socket = new net.Socket();
  const client = new pg.Client({ ...settings, stream: () => socket });
  return startSession(client, () => socket.destroy(), direct.host, log);
}

/**
 * Sets up Neon's driver for the host of `url`. Its settings are the process's, not the connection's.
 * At a host that is not Neon's it speaks to a WebSocket proxy at that very host and port, without TLS.
 */
export function setUpNeon(url: URL): void {
  const neon = isNeonHost(url.hostname);
  neonConfig.webSocketConstructor = DatabaseSocket;
  neonConfig.useSecureWebSocket = neon;
  neonConfig.wsProxy = (host, port) => (neon ? `${host}/v2` : `${host}:${port}/v1?address=${host}:${port}`);
  // Sends the password before the server has said how it wants it: only Neon's proxy copes.
  neonConfig.pipelineConnect = neon ? "password" : false;
  // Waiting a turn to join writes halves the speed of short queries.
  neonConfig.coalesceWrites = false;
}

/** A WebSocket as Neon's driver needs it: one that fails with an Error, and in finite time. */
class DatabaseSocket extends WebSocket {
  constructor(url: string) {
    const options: ClientOptions & { closeTimeout: number } = {
      handshakeTimeout: CONNECT_TIMEOUT_MS,
      perMessageDeflate: false,
      // A peer that is gone does not answer the close frame; the driver waits for the socket's end.
      closeTimeout: 1_000,
    };
    super(url, options);
  }

  /** The driver rejects with whatever its error listener is given, which must not be an ErrorEvent. */
  override addEventListener(...[type, listener, options]: Parameters<WebSocket["addEventListener"]>): void {
    if (type === "error" && typeof listener === "function") {
      this.on("error", (error) => Reflect.apply(listener, this, [error]));
    } else super.addEventListener(type, listener, options);
  }

  /** The driver says goodbye also to a socket that never opened, from a callback nobody could guard. */
  override send(data: Parameters<WebSocket["send"]>[0]): void {
    if (this.readyState === WebSocket.OPEN) super.send(data);
  }
}
