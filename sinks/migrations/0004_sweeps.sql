-- What a sweep found, why it ran, and how far it came: one whose process died is taken up after `reached`.
ALTER TABLE tradewind.reconciliations RENAME COLUMN listed TO objects;
ALTER TABLE tradewind.reconciliations RENAME COLUMN found TO missed;
ALTER TABLE tradewind.reconciliations
    ALTER COLUMN ended_at DROP NOT NULL, ALTER COLUMN ended_at DROP DEFAULT,
    ALTER COLUMN objects SET DEFAULT 0, ALTER COLUMN missed SET DEFAULT 0, ALTER COLUMN ignored SET DEFAULT 0,
    ADD COLUMN why text NOT NULL DEFAULT 'beat' CHECK (why IN ('start', 'beat', 'command', 'backfill', 'gap')),
    -- the scope: days and prefix of a backfill, and the name after which the listing of a feed in name order began
    ADD COLUMN first_day date, ADD COLUMN last_day date, ADD COLUMN under text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN started_after text COLLATE "C",
    ADD COLUMN reached text COLLATE "C",
    ADD COLUMN list_calls bigint NOT NULL DEFAULT 0,
    ADD COLUMN seconds double precision NOT NULL DEFAULT 0,
    ADD COLUMN outside bigint NOT NULL DEFAULT 0, ADD COLUMN known bigint NOT NULL DEFAULT 0,
    ADD COLUMN awaited bigint NOT NULL DEFAULT 0,
    ADD COLUMN overwritten bigint NOT NULL DEFAULT 0, ADD COLUMN returned bigint NOT NULL DEFAULT 0,
    ADD COLUMN owed_too_long bigint NOT NULL DEFAULT 0, ADD COLUMN vanished bigint NOT NULL DEFAULT 0,
    ADD COLUMN phantom bigint NOT NULL DEFAULT 0,
    -- the places that could not be listed
    ADD COLUMN incomplete text;
UPDATE tradewind.reconciliations SET seconds = extract(epoch FROM ended_at - started_at);
CREATE INDEX reconciliations_by_feed ON tradewind.reconciliations (feed, reconciliation_id DESC);

CREATE INDEX files_owed_by_uri ON tradewind.files (feed, uri) WHERE state IN ('discovered', 'loading', 'waiting');
-- What a listing must not take for known though no name has moved.
CREATE INDEX files_left ON tradewind.files (feed, state_at) WHERE state IN ('superseded', 'vanished');

-- after_load: how an object went once its rows were committed, and where it is now. cleared_how is written before the
-- store is asked, cleared_at once the object is gone.
ALTER TABLE tradewind.files ADD COLUMN cleared_at timestamptz,
    ADD COLUMN cleared_how text CHECK (cleared_how IN ('archived', 'deleted', 'gone')),
    ADD COLUMN cleared_to text COLLATE "C";
CREATE INDEX files_clearable ON tradewind.files (feed, loaded_at)
    WHERE state IN ('loaded', 'ignored') AND cleared_at IS NULL AND inserted IS NOT NULL;

-- Whether the run's session is there: it holds an advisory lock for as long as it lives.
CREATE FUNCTION tradewind.run_lives(run_id integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = 7446
        AND l.objid = run_id::oid AND l.objsubid = 2
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())) $$;
