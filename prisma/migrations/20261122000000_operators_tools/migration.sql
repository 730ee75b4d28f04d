-- AlterTable
ALTER TABLE "ConnectTokens" ADD COLUMN "loggedOut" BIGINT,
ADD COLUMN "revoked" BIGINT,
ADD COLUMN "connected" BIGINT,
ADD COLUMN "clientInfo" JSONB,
ADD COLUMN "asked" TEXT,
ADD COLUMN "spent" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "relays" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN "greeting" TEXT;

-- CreateTable
CREATE TABLE "Handled" (
    "id" TEXT NOT NULL,
    "at" BIGINT NOT NULL,

    CONSTRAINT "Handled_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Handled_at_idx" ON "Handled"("at");

-- CreateTable
CREATE TABLE "Stops" (
    "subject" TEXT NOT NULL,
    "since" BIGINT NOT NULL,

    CONSTRAINT "Stops_pkey" PRIMARY KEY ("subject")
);

-- CreateTable
CREATE TABLE "AuditLog" (
    "id" BIGSERIAL NOT NULL,
    "at" BIGINT NOT NULL,
    "npub" TEXT NOT NULL,
    "client" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "kind" INTEGER,
    "eventId" TEXT,
    "outcome" TEXT NOT NULL,

    CONSTRAINT "AuditLog_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "AuditLog_npub_at_idx" ON "AuditLog"("npub", "at");

-- CreateIndex
CREATE INDEX "AuditLog_at_idx" ON "AuditLog"("at");

-- What follows Prisma's schema language cannot say.

-- A token that is revoked may have been its key's last.
CREATE TRIGGER "ConnectTokens_announce_revoked" AFTER UPDATE OF "revoked", "greeting"
    ON "ConnectTokens" FOR EACH ROW EXECUTE FUNCTION "satoshigle_announce_key"();

-- What is stopped concerns keys and clients alike: the announcement names none.
CREATE FUNCTION "satoshigle_announce_stops"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('satoshigle_keys', '*');
    RETURN NULL;
END;
$$;
CREATE TRIGGER "Stops_announce" AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "Stops"
    FOR EACH STATEMENT EXECUTE FUNCTION "satoshigle_announce_stops"();

-- The audit log is added to, and pruned by age; what is in it is never changed.
CREATE FUNCTION "satoshigle_refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END;
$$;
CREATE TRIGGER "AuditLog_append_only" BEFORE UPDATE ON "AuditLog"
    FOR EACH ROW EXECUTE FUNCTION "satoshigle_refuse_change"();
