/** How visitors come to the edge, and meet somebody there who speaks the protocol by hand. */
import { type Client, search, withdrawAll } from "../edge/client.ts";
import { type Edge, type EdgeOptions, startEdge } from "../support/edge.ts";
import { type FrameProxy, startFrameProxy } from "../support/frame-proxy.ts";
import { type Link, startLink } from "../support/link.ts";
import { endVisits, Visitor } from "./visitor.ts";

/** For an edge that many come to, and come back to, from one address. */
export const ROOMY = {
  MAX_CONNECTIONS_PER_ADDRESS: "100",
  RATE_LIMIT_MAX_REQUESTS: "10000",
  RELAX_MS: "100",
};

const closers: (() => Promise<unknown>)[] = [];

/** For this test only. */
export async function anEdge(options: EdgeOptions = {}): Promise<Edge> {
  const edge = await startEdge(options);
  closers.push(() => edge.close());
  return edge;
}

/** By a cable that can be cut. */
export async function throughLink(edge: Edge): Promise<{ link: Link; visitor: Visitor }> {
  const link = await startLink(Number(edge.url.port));
  closers.push(() => link.close());
  return { link, visitor: new Visitor(new URL(`http://127.0.0.1:${link.port}/`)) };
}

export async function throughProxy(edge: Edge): Promise<{ proxy: FrameProxy; visitor: Visitor }> {
  const proxy = await startFrameProxy(edge.url);
  closers.push(() => proxy.close());
  return { proxy, visitor: new Visitor(proxy.url) };
}

/** The partner waited longer. Both have been given the tokens that tell of the match. */
export async function meet(visitor: Visitor, edge: Edge): Promise<{ partner: Client; matchId: string }> {
  const partner = await search(edge);
  visitor.visit.search();
  const { matchId } = await partner.expect("matched");
  await visitor.state("matched");
  const heard = visitor.call.hears();
  partner.say({ type: "typing", matchId, on: false });
  await heard;
  visitor.call.type(false);
  await partner.expect("typing");
  await partner.expectNothingMore();
  return { partner, matchId };
}

/** At the end of a test. */
export function closeLater(close: () => Promise<unknown>): void {
  closers.push(close);
}

/** After each test: everybody goes, then what was there for it. */
export async function cleanUp(): Promise<void> {
  endVisits();
  await withdrawAll();
  for (const close of closers.splice(0).reverse()) await close();
}
