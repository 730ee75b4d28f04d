-- AlterTable
ALTER TABLE "AuditLog" ADD COLUMN "request" BYTEA;

-- CreateTable
CREATE TABLE "Workers" (
    "id" TEXT NOT NULL,
    "place" JSONB NOT NULL,
    "renewed" BIGINT NOT NULL,
    "expires" BIGINT NOT NULL,
    "logged" BIGINT NOT NULL,
    "dead" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "Workers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Leases" (
    "shard" SMALLINT NOT NULL,
    "worker" TEXT,
    "unloggedSince" BIGINT,
    "unloggedUntil" BIGINT,

    CONSTRAINT "Leases_pkey" PRIMARY KEY ("shard")
);

-- AddForeignKey
ALTER TABLE "Leases" ADD CONSTRAINT "Leases_worker_fkey" FOREIGN KEY ("worker") REFERENCES "Workers"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- What follows Prisma's schema language cannot say.

INSERT INTO "Leases" ("shard") SELECT generate_series(0, 31);

-- Leases are counted by this one clock, in milliseconds since 1970: those of the workers' machines may differ.
CREATE FUNCTION "satoshigle_now"() RETURNS BIGINT LANGUAGE sql AS $$
    SELECT (extract(epoch FROM clock_timestamp()) * 1000)::BIGINT;
$$;

-- Announces that workers have come or gone, or that leases have changed hands. What is renewed announces nothing.
CREATE FUNCTION "satoshigle_announce_leases"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('satoshigle_leases', '');
    RETURN NULL;
END;
$$;
CREATE TRIGGER "Workers_announce" AFTER INSERT OR DELETE OR UPDATE OF "dead" ON "Workers"
    FOR EACH ROW EXECUTE FUNCTION "satoshigle_announce_leases"();
CREATE TRIGGER "Leases_announce" AFTER UPDATE OF "worker" ON "Leases"
    FOR EACH ROW EXECUTE FUNCTION "satoshigle_announce_leases"();
