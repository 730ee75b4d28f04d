/** The worker as `npm run build` bundles it, in a folder away from the project and its dependencies. */
import { execFileSync } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("../..", import.meta.url));

export interface Build {
  main: string;
  cli: string;
  remove(): Promise<void>;
}

export const buildWorker = async (): Promise<Build> => {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-built-"));
  execFileSync(process.execPath, ["worker/build.mjs"], { cwd: project, stdio: "ignore" });
  await cp(join(project, "dist/worker"), join(folder, "worker"), { recursive: true });
  await cp(join(project, "dist/prisma"), join(folder, "prisma"), { recursive: true });
  return {
    main: join(folder, "worker/main.js"),
    cli: join(folder, "worker/cli.js"),
    remove: () => rm(folder, { recursive: true }),
  };
};
