-- What the API shows and who may ask it.

-- Sums over `files` by feed and state, kept as differences: one row for each statement that changed the ledger, so that
-- no two writers wait for each other. Their sum is exact at any moment; now and then a writer melts a feed's into one.
CREATE TABLE tradewind.tallies (
    feed text COLLATE "C" NOT NULL,
    state text NOT NULL,
    files bigint NOT NULL, bytes bigint NOT NULL,
    records bigint NOT NULL, inserted bigint NOT NULL, updated bigint NOT NULL, unchanged bigint NOT NULL,
    duplicate bigint NOT NULL, stale bigint NOT NULL, pending bigint NOT NULL, rejected bigint NOT NULL,
    ignored bigint NOT NULL, withdrawn bigint NOT NULL,
    -- the last time that a file came into this state, and the newest file that ever was in it
    last_at timestamptz NOT NULL, newest_at timestamptz NOT NULL
);
CREATE INDEX tallies_by_feed ON tradewind.tallies (feed, state);

-- What happened to a file beside the common way (discovered, loading, loaded), which its own row tells.
CREATE TABLE tradewind.file_states (
    file_id bigint NOT NULL REFERENCES tradewind.files ON DELETE CASCADE,
    state text NOT NULL,
    reason text,
    run_id integer,
    at timestamptz NOT NULL
);
CREATE INDEX file_states_by_file ON tradewind.file_states (file_id, at);

CREATE FUNCTION tradewind.melt_tallies(of text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- One writer at a time; the others go on. What is melted is what is committed: the rest stays as it is.
    IF NOT pg_try_advisory_xact_lock(7447, hashtext(of)) THEN RETURN; END IF;
    WITH gone AS (DELETE FROM tradewind.tallies WHERE feed = of RETURNING *)
    INSERT INTO tradewind.tallies
    SELECT feed, state, sum(files), sum(bytes), sum(records), sum(inserted), sum(updated), sum(unchanged),
        sum(duplicate), sum(stale), sum(pending), sum(rejected), sum(ignored), sum(withdrawn), max(last_at),
        max(newest_at)
    FROM gone GROUP BY feed, state;
END $$;

CREATE FUNCTION tradewind.tally_new() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE of text;
BEGIN
    FOR of IN
        WITH added AS (
            INSERT INTO tradewind.tallies
            SELECT feed, state, count(*), sum(size), coalesce(sum(records), 0), coalesce(sum(inserted), 0),
                coalesce(sum(updated), 0), coalesce(sum(unchanged), 0), coalesce(sum(duplicate), 0),
                coalesce(sum(stale), 0), coalesce(sum(pending), 0), coalesce(sum(rejected), 0),
                coalesce(sum(ignored), 0), coalesce(sum(withdrawn), 0), max(state_at), max(modified_at)
            FROM after GROUP BY feed, state RETURNING feed)
        SELECT DISTINCT feed FROM added
    LOOP
        PERFORM pg_notify('tradewind_feeds', of);
        -- About every 10th statement that changes a feed: the summary adds up some twenty rows of each.
        IF random() < 0.1 THEN PERFORM tradewind.melt_tallies(of); END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- A session plans this once, by how many rows changed first: one. Looped over, 10,000 times 10,000 would take 7 s.
CREATE FUNCTION tradewind.tally_changed() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $$
DECLARE of text;
BEGIN
    FOR of IN
        WITH moved AS (
            INSERT INTO tradewind.tallies
            SELECT feed, state, sum(n), sum(n * size), sum(n * records), sum(n * inserted), sum(n * updated),
                sum(n * unchanged), sum(n * duplicate), sum(n * stale), sum(n * pending), sum(n * rejected),
                sum(n * ignored), sum(n * withdrawn), max(state_at), max(modified_at)
            FROM (
                SELECT 1 AS n, feed, state, size, coalesce(records, 0) AS records, coalesce(inserted, 0) AS inserted,
                    coalesce(updated, 0) AS updated, coalesce(unchanged, 0) AS unchanged,
                    coalesce(duplicate, 0) AS duplicate, coalesce(stale, 0) AS stale, coalesce(pending, 0) AS pending,
                    coalesce(rejected, 0) AS rejected, coalesce(ignored, 0) AS ignored,
                    coalesce(withdrawn, 0) AS withdrawn, state_at, modified_at FROM after
                UNION ALL
                SELECT -1, feed, state, size, coalesce(records, 0), coalesce(inserted, 0), coalesce(updated, 0),
                    coalesce(unchanged, 0), coalesce(duplicate, 0), coalesce(stale, 0), coalesce(pending, 0),
                    coalesce(rejected, 0), coalesce(ignored, 0), coalesce(withdrawn, 0), state_at, modified_at
                FROM before) both_sides
            GROUP BY feed, state
            HAVING sum(n) <> 0 OR sum(n * size) <> 0 OR sum(n * records) <> 0 OR sum(n * inserted) <> 0
                OR sum(n * updated) <> 0 OR sum(n * unchanged) <> 0 OR sum(n * duplicate) <> 0 OR sum(n * stale) <> 0
                OR sum(n * pending) <> 0 OR sum(n * rejected) <> 0 OR sum(n * ignored) <> 0 OR sum(n * withdrawn) <> 0
                OR max(state_at) FILTER (WHERE n = 1) > max(state_at) FILTER (WHERE n = -1)
            RETURNING feed)
        SELECT DISTINCT feed FROM moved
    LOOP
        PERFORM pg_notify('tradewind_feeds', of);
        IF random() < 0.1 THEN PERFORM tradewind.melt_tallies(of); END IF;
    END LOOP;
    -- The common way is most of all, and wants no join.
    IF EXISTS (SELECT FROM after WHERE state NOT IN ('loading', 'loaded') OR registrations > 1)
        OR EXISTS (SELECT FROM before WHERE state NOT IN ('discovered', 'loading'))
    THEN
        INSERT INTO tradewind.file_states
        SELECT a.file_id, a.state, a.reason, coalesce(a.run_id, b.run_id), a.state_at
        FROM after a JOIN before b USING (file_id)
        WHERE a.state <> b.state AND (a.state NOT IN ('loading', 'loaded') OR b.state NOT IN ('discovered', 'loading')
            OR (a.state = 'loaded' AND a.registrations > 1));
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION tradewind.tally_gone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE of text;
BEGIN
    INSERT INTO tradewind.tallies
    SELECT feed, state, -count(*), -sum(size), -coalesce(sum(records), 0), -coalesce(sum(inserted), 0),
        -coalesce(sum(updated), 0), -coalesce(sum(unchanged), 0), -coalesce(sum(duplicate), 0),
        -coalesce(sum(stale), 0), -coalesce(sum(pending), 0), -coalesce(sum(rejected), 0), -coalesce(sum(ignored), 0),
        -coalesce(sum(withdrawn), 0), max(state_at), max(modified_at)
    FROM before GROUP BY feed, state;
    FOR of IN SELECT DISTINCT feed FROM before LOOP
        PERFORM pg_notify('tradewind_feeds', of);
        IF random() < 0.1 THEN PERFORM tradewind.melt_tallies(of); END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- A feed that is new, paused or set anew is news too.
CREATE FUNCTION tradewind.feed_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('tradewind_feeds', NEW.feed);
    RETURN NULL;
END $$;
CREATE TRIGGER feed_told AFTER INSERT OR UPDATE ON tradewind.feeds
    FOR EACH ROW EXECUTE FUNCTION tradewind.feed_told();

CREATE TRIGGER tally_new AFTER INSERT ON tradewind.files REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION tradewind.tally_new();
CREATE TRIGGER tally_changed AFTER UPDATE ON tradewind.files REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION tradewind.tally_changed();
CREATE TRIGGER tally_gone AFTER DELETE ON tradewind.files REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION tradewind.tally_gone();

INSERT INTO tradewind.tallies
SELECT feed, state, count(*), sum(size), coalesce(sum(records), 0), coalesce(sum(inserted), 0),
    coalesce(sum(updated), 0), coalesce(sum(unchanged), 0), coalesce(sum(duplicate), 0), coalesce(sum(stale), 0),
    coalesce(sum(pending), 0), coalesce(sum(rejected), 0), coalesce(sum(ignored), 0), coalesce(sum(withdrawn), 0),
    max(state_at), max(modified_at)
FROM tradewind.files GROUP BY feed, state;

-- Who may ask. A token is 256 random bits, so that its SHA-256 alone tells nothing of it.
CREATE TABLE tradewind.tokens (
    token_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    role text NOT NULL CHECK (role IN ('viewer', 'operator')),
    digest bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);
CREATE TABLE tradewind.sessions (
    digest bytea PRIMARY KEY,
    token_id integer NOT NULL REFERENCES tradewind.tokens ON DELETE CASCADE,
    started_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE TABLE tradewind.sign_in_tries (
    address text NOT NULL,
    tried_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sign_in_tries_by_address ON tradewind.sign_in_tries (address, tried_at);
CREATE TABLE tradewind.audit (
    audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    who text NOT NULL,
    address text,
    action text NOT NULL,
    target jsonb NOT NULL,
    run_id integer
);

-- Runs that somebody asked for: what was asked, by whom, and the last lines of one that died. `queued`: asked for, and
-- its process has not yet said that it is there.
ALTER TABLE tradewind.runs DROP CONSTRAINT runs_state_check;
ALTER TABLE tradewind.runs
    ADD CONSTRAINT runs_state_check CHECK (state IN ('queued', 'running', 'done', 'failed', 'stopped', 'lost')),
    ADD COLUMN command text[], ADD COLUMN asked_by text, ADD COLUMN last_lines text,
    ADD COLUMN answer jsonb, ADD COLUMN cancelled_by text;

-- What listings go by. One index over all states in place of that of the owed ones: what is owed is found by it as
-- well, and each (feed, state) stands in it newest last, so that a page is a short stretch of it.
DROP INDEX tradewind.files_owed;
CREATE INDEX files_by_state ON tradewind.files (feed, state, file_id);
-- Days as sinks/sql/api/lag.sql counts them: a page of them reads the files of these days alone.
CREATE INDEX files_by_day
    ON tradewind.files (feed, coalesce(path_date, min_date, (modified_at AT TIME ZONE 'UTC')::date) DESC);
CREATE INDEX files_with_rejects ON tradewind.files (feed, file_id) WHERE rejected > 0;
CREATE INDEX batches_by_run ON tradewind.batches (run_id, batch_id);
CREATE INDEX batches_by_feed ON tradewind.batches (feed, batch_id);

-- The first file that was registered at this moment or later, by halving: ids are given in the order of time, but for
-- transactions that overlap, so one asks for a little earlier. NULL where there is no file or no moment.
CREATE FUNCTION tradewind.file_registered(moment timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    low bigint := (SELECT min(file_id) FROM tradewind.files);
    high bigint := (SELECT max(file_id) + 1 FROM tradewind.files);
    middle tradewind.files;
BEGIN
    IF moment IS NULL THEN RETURN NULL; END IF;
    WHILE low < high LOOP
        SELECT * INTO middle FROM tradewind.files WHERE file_id >= (low + high) / 2 ORDER BY file_id LIMIT 1;
        IF middle.registered_at >= moment THEN high := (low + high) / 2; ELSE low := middle.file_id + 1; END IF;
    END LOOP;
    RETURN low;
END $$;
