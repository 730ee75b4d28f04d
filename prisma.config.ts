import { defineConfig } from "prisma/config";

// `generate`, `validate` and `format` need no schema engine, yet the CLI would download one before
// them: any existing file in its place stops that. `migrate` needs the real one.
if (["generate", "validate", "format"].includes(process.argv[2] ?? "")) {
  process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;
}

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  datasource: { url: process.env.DATABASE_URL ?? "" },
});
