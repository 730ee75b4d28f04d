/** What Moderation tells every directory, as it stands here: on disk, and read anew every minute while people come. */
import { Pseudonyms } from "../pseudonyms.ts";
import type { Name, News } from "../rpc.ts";

type Head = Omit<News, "bans">;

/** Milliseconds. Moderation says when there are news; should it not get through, they are found after this. */
const PERIOD = 60_000;

export class Bulletin {
  readonly #storage: DurableObjectStorage;
  readonly #fetch: (version: number) => Promise<News>;
  #head: Head | undefined;
  #pseudonyms: Pseudonyms | undefined;
  /** Until when (milliseconds). */
  readonly #bans = new Map<Name, number>();
  #readAt = 0;

  constructor(storage: DurableObjectStorage, fetch: (version: number) => Promise<News>) {
    this.#storage = storage;
    this.#fetch = fetch;
    storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS bans (name TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID",
    );
    for (const { name, until } of storage.sql.exec<{ name: Name; until: number }>("SELECT * FROM bans"))
      this.#bans.set(name, until);
    this.#know(storage.kv.get<Head>("bulletin"));
  }

  /** The other regions among them. */
  get regions(): string[] {
    return this.#head?.regions ?? [];
  }

  /** Whether it was never read: then nobody can be told apart yet. */
  get isMissing(): boolean {
    return this.#head === undefined;
  }

  isDue(now: number): boolean {
    return now - this.#readAt >= PERIOD;
  }

  async nameOf(ip: string): Promise<Name> {
    if (!this.#pseudonyms) throw new Error("the bulletin was never read");
    return this.#pseudonyms.of(ip);
  }

  isBanned(names: Name[], now: number): boolean {
    return names.some((name) => (this.#bans.get(name) ?? 0) > now);
  }

  /** Fetches what is new; returns whom it bans. */
  async read(now: number): Promise<Name[]> {
    this.#readAt = now;
    const { bans, ...head } = await this.#fetch(this.#head?.version ?? 0);
    for (const { name, until } of bans) this.#setBan(name, until);
    for (const [name, until] of this.#bans) if (until <= now) this.#setBan(name, 0);
    if (JSON.stringify(head) !== JSON.stringify(this.#head)) {
      this.#storage.kv.put("bulletin", head);
      this.#know(head);
    }
    return bans.filter(({ until }) => until > now).map(({ name }) => name);
  }

  #know(head: Head | undefined): void {
    this.#head = head;
    this.#pseudonyms = head && new Pseudonyms(Uint8Array.fromHex(head.secret));
  }

  #setBan(name: Name, until: number): void {
    if (until === 0) {
      this.#bans.delete(name);
      this.#storage.sql.exec("DELETE FROM bans WHERE name = ?", name);
      return;
    }
    this.#bans.set(name, until);
    const insert = "INSERT INTO bans VALUES (?1, ?2) ON CONFLICT DO UPDATE SET until = ?2";
    this.#storage.sql.exec(insert, name, until);
  }
}
