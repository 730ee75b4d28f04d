/** The part of a Durable Object's SQLite that the relay's tables use. */
export type Sql = {
  exec(query: string, ...bindings: (string | number)[]): Iterable<Record<string, unknown>>;
};
