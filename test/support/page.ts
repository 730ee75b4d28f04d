/** Vitest's global set-up: the page, built once for all the edges of a run. */
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { buildPage } from "../../web/build.mjs";

const PAGE = fileURLToPath(new URL("../../dist/page", import.meta.url));

export default async function build({ vitest }: TestProject): Promise<void> {
  if (vitest.projects.some(({ name }) => /^(web|system)$/.test(name))) await buildPage(PAGE);
}
