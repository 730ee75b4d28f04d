/** The pages of a worker's monitoring, as a machine of the operator reads them. */
import { expect } from "vitest";
import type { Worker } from "./worker.ts";

export interface Monitored {
  url: string;
  /** The status of /ready, and what it says. */
  ready(): Promise<{ status: number; state: Ready }>;
  /** Waits until /ready has this status, and resolves with what it says then. */
  becomes(status: 200 | 503): Promise<Ready>;
  /** Every sample of /metrics, by its name and labels as they are written there. */
  metrics(): Promise<Map<string, number>>;
}

export interface Ready {
  ready: boolean;
  reasons: string[];
  relays: {
    url: string;
    ready: boolean;
    connected: boolean;
    heardAt: string | null;
    refusal: string | null;
    takesQuestions: boolean;
    deaf: { count: number; keys: string[] };
  }[];
  database: { up: boolean };
  scan: { at: string | null; ageMs: number | null };
  keys: { running: number; leaving: number; broken: number; unheard: number };
  leases: {
    ready: boolean;
    shards: number;
    alone: boolean;
    lastsMs: number;
    workers: { place: string; self: boolean; reaches: boolean; shards: number }[];
  };
}

/** Of a worker that was started with HTTP_PORT=0. */
export const monitored = async (worker: Worker): Promise<Monitored> => {
  const { port } = await worker.logged(/^monitoring on/);
  const url = `http://127.0.0.1:${port}`;
  const ready = async () => {
    const response = await fetch(`${url}/ready`);
    return { status: response.status, state: (await response.json()) as Ready };
  };
  return {
    url,
    ready,
    becomes: async (status) => {
      await expect.poll(async () => (await ready()).status, { timeout: 12_000, interval: 20 }).toBe(status);
      return (await ready()).state;
    },
    metrics: async () => {
      const response = await fetch(`${url}/metrics`);
      expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
      const samples = new Map<string, number>();
      for (const line of (await response.text()).split("\n")) {
        if (line === "" || line.startsWith("#")) continue;
        const [, name = "", value = ""] = /^([a-zA-Z_:][\w:]*(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
        expect(name, line).not.toBe("");
        expect(value, line).toMatch(/^(-?[\d.]+(e[+-]?\d+)?|NaN|[+-]Inf)$/i);
        samples.set(name, Number(value));
      }
      return samples;
    },
  };
};
