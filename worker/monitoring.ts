/** The pages for operators and their machines, and for clients that look for the signer. */
import { nostrJson } from "./announcement.ts";
import { describe } from "./db/session.ts";
import { json, type Page, type Pages, serveHttp } from "./http.ts";
import type { Logger } from "./log.ts";
import { type MetricSources, Metrics } from "./metrics.ts";
import { type ReadinessSources, readiness } from "./readiness.ts";

export interface MonitoringOptions extends ReadinessSources, MetricSources {
  port: number;
  /** The npub that speaks for the signer, where it is announced. */
  signerNpub: string | undefined;
  log: Logger;
}

/** Serves `/health`, `/ready`, `/metrics` and, for a signer that is announced, `/.well-known/nostr.json`. */
export const startMonitoring = async (
  options: MonitoringOptions,
): Promise<Pick<Metrics, "observe"> & { close(): void }> => {
  const { port, signerNpub, relayUrls, log } = options;
  const metrics = new Metrics(options);
  const pages: Pages = new Map<string, () => Page | Promise<Page>>([
    ["/health", () => json(200, { status: "up" })],
    [
      "/ready",
      async () => {
        const state = await readiness(options);
        return json(state.ready ? 200 : 503, state);
      },
    ],
    ["/metrics", async () => ({ status: 200, ...(await metrics.text()) })],
    ...(signerNpub === undefined
      ? []
      : [
          [
            "/.well-known/nostr.json",
            // NIP-05: pages of any origin have to be able to read it.
            () => json(200, nostrJson(signerNpub, relayUrls), { "access-control-allow-origin": "*" }),
          ] as const,
        ]),
  ]);
  const server = await serveHttp(port, pages, log).catch((error) => {
    throw new Error(`HTTP_PORT cannot be used: ${describe(error)}`);
  });
  log.info({ port: server.port }, `monitoring on http://127.0.0.1:${server.port}`);
  return { observe: (what, milliseconds) => metrics.observe(what, milliseconds), close: server.close };
};
