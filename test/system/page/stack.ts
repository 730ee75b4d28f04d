/** All that a page needs behind it: the edge for real, links to it that can be cut, and relays with people's names. */
import { rm } from "node:fs/promises";
import { NostrRelay } from "snstr/utils/ephemeral-relay";
import { ADMIN_TOKEN } from "../../edge/operator.ts";
import { type Edge, startEdge } from "../../support/edge.ts";
import { type Link, startLink } from "../../support/link.ts";
import { makeFolder } from "../../support/postgres.ts";

/** The way of one person to the edge. */
export type Way = Link & { url: URL };

export type Stack = {
  /** Another after a restart, at the same address. */
  readonly edge: Edge;
  readonly url: URL;
  /** Where names and pictures are published. */
  readonly names: NostrRelay;
  /** Whom a page may ask for anything: host and port. */
  readonly hosts: ReadonlySet<string>;
  /** The edge under a port of its own. */
  way(): Promise<Way>;
  /** Ends the edge, and starts it anew with what it has stored. */
  restart(): Promise<void>;
  close(): Promise<void>;
};

/** @param vars beside, or instead of, those of wrangler.toml; all people of a test have one address */
export async function startStack(vars: Record<string, string> = {}): Promise<Stack> {
  const [persist, names] = await Promise.all([makeFolder(), new NostrRelay(0).start()]);
  const settings = {
    ADMIN_TOKEN,
    MAX_CONNECTIONS_PER_ADDRESS: "100",
    PROFILE_RELAYS: names.url,
    ...vars,
  };
  let edge = await startEdge({ vars: settings, persist });
  const { url } = edge;
  const ways: Way[] = [];
  const hosts = new Set([url.host, new URL(names.url).host]);
  return {
    get edge() {
      return edge;
    },
    url,
    names,
    hosts,
    async way() {
      const link = await startLink(Number(url.port));
      const way = { ...link, url: new URL(`http://127.0.0.1:${link.port}/`) };
      ways.push(way);
      hosts.add(way.url.host);
      return way;
    },
    async restart() {
      await edge.close();
      edge = await startEdge({ vars: settings, persist, port: Number(url.port) });
    },
    async close() {
      await Promise.all(ways.map((way) => way.close()));
      await Promise.all([edge.close(), names.close()]);
      await rm(persist, { recursive: true });
    },
  };
}
