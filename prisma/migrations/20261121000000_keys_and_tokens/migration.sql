-- Every migration runs inside one transaction, so nothing here may need to be outside of one
-- (CREATE INDEX CONCURRENTLY, for example).

-- CreateTable
CREATE TABLE "Keys" (
    "npub" TEXT NOT NULL,
    "ncryptsec" TEXT,
    "localKey" TEXT,

    CONSTRAINT "Keys_pkey" PRIMARY KEY ("npub")
);

-- CreateTable
CREATE TABLE "ConnectTokens" (
    "token" TEXT NOT NULL,
    "npub" TEXT NOT NULL,
    "timestamp" BIGINT NOT NULL,
    "expiry" BIGINT NOT NULL,
    "subNpub" TEXT,
    "loggedOut" BIGINT,
    "jsonData" JSONB DEFAULT '{}',

    CONSTRAINT "ConnectTokens_pkey" PRIMARY KEY ("token")
);

-- CreateIndex
CREATE INDEX "ConnectTokens_npub_expiry_idx" ON "ConnectTokens"("npub", "expiry");

-- AddForeignKey
ALTER TABLE "ConnectTokens" ADD CONSTRAINT "ConnectTokens_npub_fkey" FOREIGN KEY ("npub") REFERENCES "Keys"("npub") ON DELETE CASCADE ON UPDATE CASCADE;

-- What follows Prisma's schema language cannot say.

-- Announces which key a change concerns; the payload is its npub. The database announces, not the
-- program, so that a change made by hand in SQL is heard as well. Equal announcements of one
-- transaction are folded into one by Postgres, so the old and the new npub are both sent without a
-- comparison: a row that moves to another key concerns both.
CREATE FUNCTION "satoshigle_announce_key"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('UPDATE', 'DELETE') THEN
        PERFORM pg_notify('satoshigle_keys', OLD."npub");
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        PERFORM pg_notify('satoshigle_keys', NEW."npub");
    END IF;
    RETURN NULL; -- ignored of a trigger that runs after the change
END;
$$;

CREATE TRIGGER "Keys_announce" AFTER INSERT OR UPDATE OR DELETE ON "Keys"
    FOR EACH ROW EXECUTE FUNCTION "satoshigle_announce_key"();

-- Deleting a key deletes its tokens by cascade, which fires this one too.
CREATE TRIGGER "ConnectTokens_announce" AFTER INSERT OR UPDATE OR DELETE ON "ConnectTokens"
    FOR EACH ROW EXECUTE FUNCTION "satoshigle_announce_key"();
