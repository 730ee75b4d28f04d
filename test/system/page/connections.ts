/** A page's peer connections, which it tells nobody of: reached without touching the page. */
import type { Page } from "playwright-core";

declare global {
  interface Window {
    /** All that the page has made. */
    connections: RTCPeerConnection[];
    /** All that it has opened, or been given. */
    channels: RTCDataChannel[];
  }
}

/** To be run before the page's own scripts. */
export const rememberConnections = (): void => {
  window.connections = [];
  window.channels = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      window.connections.push(this);
      this.addEventListener("datachannel", ({ channel }) => window.channels.push(channel));
    }
    override createDataChannel(label: string, init?: RTCDataChannelInit): RTCDataChannel {
      const channel = super.createDataChannel(label, init);
      window.channels.push(channel);
      return channel;
    }
  };
};

export type Figures = {
  framesDecoded: number;
  /** Of the pair of candidates in use: `host`, `srflx`, `prflx` or `relay`. */
  local: string | undefined;
  remote: string | undefined;
};

/** Of the newest connection. */
export const figuresOf = (page: Page): Promise<Figures> =>
  page.evaluate(async () => {
    const report = await window.connections.at(-1)?.getStats();
    const all = new Map<string, Record<string, unknown>>(report ?? []);
    const known = [...all.values()];
    const video = known.find(({ type, kind }) => type === "inbound-rtp" && kind === "video");
    const transport = known.find(({ type }) => type === "transport");
    const pair = all.get(String(transport?.selectedCandidatePairId));
    const typeOf = (id: unknown) => {
      const type = all.get(String(id))?.candidateType;
      return typeof type === "string" ? type : undefined;
    };
    return {
      framesDecoded: Number(video?.framesDecoded ?? 0),
      local: typeOf(pair?.localCandidateId),
      remote: typeOf(pair?.remoteCandidateId),
    };
  });

/** Begins to look at the stranger's video several times a second; says, when asked, for how long it ever stood still. */
export async function watchVideo(page: Page): Promise<{ longestStandstill(): Promise<number> }> {
  const watched = await page.evaluateHandle(() => {
    const state = { frames: -1, at: performance.now(), longest: 0 };
    const look = async () => {
      let frames = 0;
      for (const stats of (await window.connections.at(-1)?.getStats())?.values() ?? []) {
        if (stats.type === "inbound-rtp" && stats.kind === "video") frames = stats.framesDecoded;
      }
      const now = performance.now();
      // Nobody looks while the page is busy: what went on meanwhile did not stand still. Another connection begins at 0.
      if (frames > state.frames) Object.assign(state, { frames, at: now });
      else state.longest = Math.max(state.longest, now - state.at);
    };
    setInterval(look, 100);
    return state;
  });
  return { longestStandstill: () => watched.evaluate(({ longest }) => longest) };
}
