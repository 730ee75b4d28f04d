-- Every migration runs inside one transaction, so nothing here may need to be outside of one
-- (CREATE INDEX CONCURRENTLY, for example).

-- The two tables may be there already, made by the earlier server, with further columns and with rows.
-- They are taken over as they are: whatever is missing is added, and nothing is dropped.

-- CreateTable
CREATE TABLE IF NOT EXISTS "Keys" (
    "npub" TEXT NOT NULL,
    "ncryptsec" TEXT,
    "localKey" TEXT,

    CONSTRAINT "Keys_pkey" PRIMARY KEY ("npub")
);
ALTER TABLE "Keys" ADD COLUMN IF NOT EXISTS "ncryptsec" TEXT;
ALTER TABLE "Keys" ADD COLUMN IF NOT EXISTS "localKey" TEXT;

-- CreateTable
CREATE TABLE IF NOT EXISTS "ConnectTokens" (
    "token" TEXT NOT NULL,
    "npub" TEXT NOT NULL,
    "timestamp" BIGINT NOT NULL,
    "expiry" BIGINT NOT NULL,
    "subNpub" TEXT,
    "jsonData" JSONB DEFAULT '{}',

    CONSTRAINT "ConnectTokens_pkey" PRIMARY KEY ("token")
);
ALTER TABLE "ConnectTokens" ADD COLUMN IF NOT EXISTS "subNpub" TEXT;
ALTER TABLE "ConnectTokens" ADD COLUMN IF NOT EXISTS "jsonData" JSONB DEFAULT '{}';

-- Documents that were kept as text become JSON. What is no JSON becomes a JSON string, which loses
-- nothing and allows nothing.
CREATE FUNCTION "satoshigle_json"(document TEXT) RETURNS JSONB LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN document::JSONB;
EXCEPTION WHEN others THEN
    RETURN to_jsonb(document);
END;
$$;

DO $$
DECLARE
    found RECORD;
BEGIN
    -- Columns of another type are converted. The others are left alone: a change of the type, also into the
    -- same, is refused where a view reads the column.
    FOR found IN
        SELECT wanted.* FROM (VALUES
            ('Keys', 'npub', 'text'), ('Keys', 'ncryptsec', 'text'), ('Keys', 'localKey', 'text'),
            ('ConnectTokens', 'token', 'text'), ('ConnectTokens', 'npub', 'text'),
            ('ConnectTokens', 'timestamp', 'bigint'), ('ConnectTokens', 'expiry', 'bigint'),
            ('ConnectTokens', 'subNpub', 'text'), ('ConnectTokens', 'jsonData', 'jsonb')
        ) AS wanted(of_table, of_column, of_type)
        JOIN pg_attribute ON attrelid = format('%I', of_table)::REGCLASS AND attname = of_column
        WHERE format_type(atttypid, atttypmod) <> of_type
    LOOP
        EXECUTE format('ALTER TABLE %I ALTER COLUMN %I DROP DEFAULT', found.of_table, found.of_column);
        EXECUTE format(
            CASE found.of_type
                WHEN 'jsonb' THEN 'ALTER TABLE %1$I ALTER COLUMN %2$I TYPE JSONB USING "satoshigle_json"(%2$I::TEXT)'
                ELSE 'ALTER TABLE %I ALTER COLUMN %I TYPE ' || found.of_type
            END, found.of_table, found.of_column);
    END LOOP;

    -- Further columns stay, with what is in them; a row that is added from now on leaves them empty.
    FOR found IN
        SELECT attrelid::REGCLASS AS of_table, attname AS of_column FROM pg_attribute
        WHERE attrelid IN ('"Keys"'::REGCLASS, '"ConnectTokens"'::REGCLASS) AND attnum > 0 AND attnotnull
            AND NOT atthasdef AND attidentity = ''
            AND attname NOT IN ('token', 'npub', 'timestamp', 'expiry')
            AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = attrelid AND indisprimary AND attnum = ANY (indkey))
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL', found.of_table, found.of_column);
    END LOOP;

    -- Either table may have had another primary key.
    FOR found IN
        SELECT of_table, of_column FROM (VALUES ('Keys', 'npub'), ('ConnectTokens', 'token')) AS wanted(of_table, of_column)
        JOIN pg_attribute ON attrelid = format('%I', of_table)::REGCLASS AND attname = of_column
        WHERE NOT EXISTS (
            SELECT FROM pg_index WHERE indrelid = attrelid AND indisunique AND indpred IS NULL AND indnkeyatts = 1 AND indkey[0] = attnum
        )
    LOOP
        EXECUTE format('CREATE UNIQUE INDEX ON %I (%I)', found.of_table, found.of_column);
    END LOOP;
END;
$$;
DROP FUNCTION "satoshigle_json"(TEXT);
ALTER TABLE "ConnectTokens" ALTER COLUMN "jsonData" DROP NOT NULL;
ALTER TABLE "ConnectTokens" ALTER COLUMN "jsonData" SET DEFAULT '{}';

-- CreateIndex
CREATE INDEX IF NOT EXISTS "ConnectTokens_npub_expiry_idx" ON "ConnectTokens"("npub", "expiry");

-- AddForeignKey
-- Holds for every row from now on; tokens that were left without their key stay, and allow nothing.
ALTER TABLE "ConnectTokens" DROP CONSTRAINT IF EXISTS "ConnectTokens_npub_fkey";
ALTER TABLE "ConnectTokens" ADD CONSTRAINT "ConnectTokens_npub_fkey" FOREIGN KEY ("npub") REFERENCES "Keys"("npub") ON DELETE CASCADE ON UPDATE CASCADE NOT VALID;

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

-- Deleting a key deletes its tokens by cascade, which fires this one too. What the worker itself writes
-- at each use or connection concerns nobody else.
CREATE TRIGGER "ConnectTokens_announce" AFTER INSERT OR DELETE OR UPDATE OF "token", "npub", "expiry", "jsonData"
    ON "ConnectTokens" FOR EACH ROW EXECUTE FUNCTION "satoshigle_announce_key"();
