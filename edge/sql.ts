/** The part of a Durable Object's SQLite that is used apart from the object. */
export type Sql = {
  /** `rowsRead`: how many rows of tables and indexes were looked at until now. */
  exec(
    query: string,
    ...bindings: (string | number)[]
  ): Iterable<Record<string, unknown>> & { readonly rowsRead: number };
};
