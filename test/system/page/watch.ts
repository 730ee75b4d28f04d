/** What a page must never do: be stopped by its own Content-Security-Policy, throw, or ask others for anything. */
import type { BrowserContext, Page } from "playwright-core";

export type Watch = {
  /** From now on the pages may ask this host, too. */
  allow(host: string): void;
  /** What has happened that must not, one line each. */
  troubles(): Promise<string[]>;
};

/** @param hosts whom the pages may ask; one that is added later counts */
export function watch(context: BrowserContext, hosts: ReadonlySet<string>): Watch {
  const troubles: string[] = [];
  const asked = new Set<string>();
  const allowed = new Set<string>();
  const note = (address: string) => {
    const { protocol, host } = new URL(address);
    if (!["data:", "blob:", "about:"].includes(protocol)) asked.add(host);
  };
  context.on("request", (request) => note(request.url()));
  context.on("console", (message) => {
    if (/content.security.policy/i.test(message.text())) troubles.push(message.text());
  });
  context.on("weberror", (error) => troubles.push(String(error.error().stack)));
  context.on("page", (page) => page.on("websocket", (socket) => note(socket.url())));
  return {
    allow: (host) => allowed.add(host),
    async troubles() {
      for (const server of (await Promise.all(context.pages().map(iceServersOf))).flat()) asked.add(server);
      const strange = [...asked].filter((host) => !hosts.has(host) && !allowed.has(host));
      return [...troubles, ...strange.map((host) => `asked ${host}`)];
    },
  };
}

/** Chromium tells nobody of what goes to them. */
async function iceServersOf(page: Page): Promise<string[]> {
  const urls = await page.evaluate(() =>
    (window.connections ?? []).flatMap((connection) =>
      (connection.getConfiguration().iceServers ?? []).flatMap((server) => server.urls),
    ),
  );
  return urls.map((url) => url.replace(/^\w+:/, "").replace(/\?.*/, ""));
}
