/**
 * Who wants an event: subscriptions found by the `p` tags of the event, whatever their number. Those with a filter
 * that names no `#p` are compared one by one, which is why they are few (limits.ts). Pure: an owner is any value.
 */
import type { NostrEvent } from "../../protocol/nostr.ts";
import { countValues, type Filter, matcher, recipientsOf } from "./filter.ts";
import type { Load } from "./limits.ts";

type Subscription<Owner> = { owner: Owner; id: string; entries: Entry<Owner>[] };
type Entry<Owner> = {
  subscription: Subscription<Owner>;
  recipients: string[] | undefined;
  values: number;
  /** All conditions but `#p`: that one holds for whatever is found under a recipient. */
  matches: (event: NostrEvent) => boolean;
};

export class Subscriptions<Owner> {
  readonly #owners = new Map<Owner, { load: Load; byId: Map<string, Subscription<Owner>> }>();
  /** Arrays, for nearly all hold one entry, and there are very many of them. */
  readonly #byRecipient = new Map<string, Entry<Owner>[]>();
  readonly #broad = new Set<Entry<Owner>>();
  readonly #total: Load = nothing();

  /** Replaces the owner's subscription of that id, if there is one (NIP-01). */
  set(owner: Owner, id: string, filters: Filter[]): void {
    this.delete(owner, id);
    const subscription: Subscription<Owner> = { owner, id, entries: [] };
    subscription.entries = filters.map((filter) => ({
      subscription,
      recipients: recipientsOf(filter),
      values: countValues(filter),
      matches: matcher({ ...filter, tags: filter.tags.filter(([name]) => name !== "p") }),
    }));
    for (const entry of subscription.entries) this.#add(entry);
    const mine = this.#owners.get(owner) ?? { load: nothing(), byId: new Map() };
    this.#owners.set(owner, mine);
    mine.byId.set(id, subscription);
    count(mine.load, subscription, 1);
    count(this.#total, subscription, 1);
  }

  /** Whether there was one. */
  delete(owner: Owner, id: string): boolean {
    const mine = this.#owners.get(owner);
    const subscription = mine?.byId.get(id);
    if (!mine || !subscription) return false;
    for (const entry of subscription.entries) this.#remove(entry);
    mine.byId.delete(id);
    if (mine.byId.size === 0) this.#owners.delete(owner);
    count(mine.load, subscription, -1);
    count(this.#total, subscription, -1);
    return true;
  }

  deleteAll(owner: Owner): void {
    for (const id of [...(this.#owners.get(owner)?.byId.keys() ?? [])]) this.delete(owner, id);
  }

  load(owner: Owner): Readonly<Load> {
    return this.#owners.get(owner)?.load ?? nothing();
  }

  get total(): Readonly<Load> {
    return this.#total;
  }

  /** Each subscription once, however many of its filters the event passes. */
  matching(event: NostrEvent): Iterable<{ owner: Owner; id: string }> {
    const found = new Set<Subscription<Owner>>();
    const collect = (entries: Iterable<Entry<Owner>>) => {
      for (const { subscription, matches } of entries) {
        if (!found.has(subscription) && matches(event)) found.add(subscription);
      }
    };
    const recipients = new Set(event.tags.filter(([name]) => name === "p").map(([, value]) => value));
    for (const recipient of recipients) {
      if (recipient !== undefined) collect(this.#byRecipient.get(recipient) ?? []);
    }
    collect(this.#broad);
    return found;
  }

  #add(entry: Entry<Owner>): void {
    if (!entry.recipients) this.#broad.add(entry);
    for (const recipient of entry.recipients ?? []) {
      const entries = this.#byRecipient.get(recipient);
      if (entries) entries.push(entry);
      else this.#byRecipient.set(recipient, [entry]);
    }
  }

  #remove(entry: Entry<Owner>): void {
    this.#broad.delete(entry);
    for (const recipient of entry.recipients ?? []) {
      const entries = this.#byRecipient.get(recipient);
      entries?.splice(entries.indexOf(entry), 1);
      if (entries?.length === 0) this.#byRecipient.delete(recipient);
    }
  }
}

const nothing = (): Load => ({ subscriptions: 0, values: 0, broad: 0 });

function count<Owner>(load: Load, { entries }: Subscription<Owner>, sign: 1 | -1): void {
  load.subscriptions += sign;
  for (const { values, recipients } of entries) {
    load.values += sign * values;
    if (!recipients) load.broad += sign;
  }
}
