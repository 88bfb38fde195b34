-- The ledger, the books and the trades. Every promise about lines is a CHECK here.
-- IF NOT EXISTS would ask for the right to create schemas even where an administrator has made them.
DO $$ BEGIN
    IF to_regnamespace('tradewind') IS NULL THEN CREATE SCHEMA tradewind; END IF;
    IF to_regnamespace('tradewind_staging') IS NULL THEN CREATE SCHEMA tradewind_staging; END IF;
END $$;

CREATE TABLE tradewind.datasets (
    dataset_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    partition text NOT NULL DEFAULT 'month' CHECK (partition IN ('month', 'day'))
);

CREATE TABLE tradewind.feeds (
    feed text COLLATE "C" PRIMARY KEY,
    dataset_id integer NOT NULL REFERENCES tradewind.datasets,
    source text NOT NULL,
    profile text NOT NULL,
    profile_version text NOT NULL,
    paused boolean NOT NULL DEFAULT false,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE tradewind.runs (
    run_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('stream', 'backfill', 'sweep', 'command')),
    feeds text[] NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed', 'stopped', 'lost')),
    reason text,
    stop_requested boolean NOT NULL DEFAULT false,
    total_files bigint,
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz
);

CREATE TABLE tradewind.files (
    file_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed text COLLATE "C" NOT NULL REFERENCES tradewind.feeds,
    dataset_id integer NOT NULL REFERENCES tradewind.datasets,
    uri text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL,
    size bigint NOT NULL,
    modified_at timestamptz NOT NULL,
    -- when this version became what the store shows: modified_at, or later where an old version returned
    effective_at timestamptz NOT NULL,
    path_date date,
    path_sequence bigint,
    order_key text COLLATE "C" NOT NULL,
    sequence text,
    seen_by text NOT NULL,
    state text NOT NULL DEFAULT 'discovered' CHECK (state IN ('discovered', 'loading', 'loaded', 'superseded',
        'quarantined', 'vanished', 'waiting', 'ignored', 'unloaded')),
    reason text,
    due_at timestamptz,
    run_id integer REFERENCES tradewind.runs,
    fence bigint NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    registrations integer NOT NULL DEFAULT 1,
    registered_at timestamptz NOT NULL DEFAULT now(),
    state_at timestamptz NOT NULL DEFAULT now(),
    loaded_at timestamptz,
    batch_id bigint,
    profile_version text,
    lines bigint, framing_lines bigint, record_lines bigint, split_lines bigint[],
    records bigint, inserted bigint, updated bigint, unchanged bigint, duplicate bigint,
    stale bigint, pending bigint, rejected bigint, ignored bigint, withdrawn bigint,
    min_date date, max_date date,
    UNIQUE (feed, uri, version),
    CONSTRAINT books_of_records CHECK (state NOT IN ('loaded', 'superseded') OR coalesce(
        records = inserted + updated + unchanged + duplicate + stale + pending + rejected + ignored, false)),
    CONSTRAINT books_of_lines CHECK (state NOT IN ('loaded', 'superseded') OR coalesce(
        lines = record_lines + framing_lines, false))
) WITH (fillfactor = 80);
CREATE INDEX files_owed ON tradewind.files (feed, state) WHERE state IN ('discovered', 'loading', 'waiting');
CREATE INDEX files_by_uri ON tradewind.files (uri);

CREATE FUNCTION tradewind.order_key(path_date date, path_sequence bigint, effective_at timestamptz, uri text)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat_ws('|', coalesce(to_char(path_date, 'YYYYMMDD'), '00000000'),
        lpad(coalesce(path_sequence, 0)::text, 19, '0'),
        to_char(effective_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS'), uri) $$;

CREATE TABLE tradewind.trades (
    event_time timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    file_id bigint NOT NULL,
    cancelled_by bigint,
    dataset_id integer NOT NULL,
    trade_date date NOT NULL,
    split integer NOT NULL,
    line integer NOT NULL,
    cancelled_split integer,
    cancelled_line integer,
    event_nanos smallint NOT NULL CHECK (event_nanos BETWEEN 0 AND 999),
    corrected boolean NOT NULL DEFAULT false,
    status text COLLATE "C" NOT NULL CHECK (status IN ('new', 'corrected', 'cancelled')),
    trade_id text COLLATE "C" NOT NULL,
    symbol text COLLATE "C" NOT NULL,
    venue text COLLATE "C" NOT NULL,
    side text COLLATE "C" CHECK (side IN ('buy', 'sell')),
    price numeric NOT NULL,
    quantity numeric NOT NULL,
    currency text COLLATE "C",
    account text COLLATE "C",
    version numeric,
    cancelled_version numeric,
    attributes jsonb,
    PRIMARY KEY (trade_id, symbol, venue, trade_date, dataset_id)
) PARTITION BY LIST (dataset_id);

CREATE TABLE tradewind.trade_revisions (
    revision_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    replaced_at timestamptz NOT NULL,
    replaced_by bigint NOT NULL,
    reason text NOT NULL CHECK (reason IN ('updated', 'corrected', 'cancelled', 'withdrawn')),
    moved_to date,
    event_time timestamptz NOT NULL, recorded_at timestamptz NOT NULL, file_id bigint NOT NULL,
    dataset_id integer NOT NULL, trade_date date NOT NULL, split integer NOT NULL, line integer NOT NULL,
    event_nanos smallint NOT NULL, status text NOT NULL, trade_id text COLLATE "C" NOT NULL,
    symbol text COLLATE "C" NOT NULL, venue text COLLATE "C" NOT NULL, side text, price numeric NOT NULL,
    quantity numeric NOT NULL, currency text, account text, version numeric, attributes jsonb
);
CREATE INDEX trade_revisions_by_trade ON tradewind.trade_revisions (trade_id, dataset_id);

CREATE FUNCTION tradewind.trades_as_of(moment timestamptz)
RETURNS TABLE (dataset_id integer, trade_id text, symbol text, venue text, trade_date date, event_time timestamptz,
    event_nanos smallint, side text, price numeric, quantity numeric, currency text, account text, status text)
LANGUAGE sql STABLE AS $$
    SELECT dataset_id, trade_id, symbol, venue, trade_date, event_time, event_nanos, side, price, quantity,
           currency, account, status FROM tradewind.trades WHERE recorded_at <= moment
    UNION ALL
    SELECT dataset_id, trade_id, symbol, venue, trade_date, event_time, event_nanos, side, price, quantity,
           currency, account, status FROM tradewind.trade_revisions
    WHERE recorded_at <= moment AND replaced_at > moment $$;

CREATE TABLE tradewind.pending_corrections (
    file_id bigint NOT NULL REFERENCES tradewind.files ON DELETE CASCADE,
    dataset_id integer NOT NULL, split integer NOT NULL, line integer NOT NULL, action smallint NOT NULL,
    trade_id text COLLATE "C" NOT NULL, symbol text COLLATE "C", venue text COLLATE "C", trade_date date,
    event_us bigint, event_nanos smallint, side text COLLATE "C", price numeric, quantity numeric,
    currency text COLLATE "C", account text COLLATE "C", version numeric, attributes jsonb,
    registered_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (file_id, split, line)
);
CREATE INDEX pending_by_trade ON tradewind.pending_corrections (dataset_id, trade_id);

CREATE TABLE tradewind.rejects (
    reject_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_id bigint NOT NULL REFERENCES tradewind.files ON DELETE CASCADE,
    line bigint NOT NULL,
    column_name text,
    reason text NOT NULL,
    raw text NOT NULL,
    raw_escaped boolean NOT NULL,
    rejected_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX rejects_by_file ON tradewind.rejects (file_id, line);

CREATE TABLE tradewind.batches (
    batch_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id integer NOT NULL REFERENCES tradewind.runs ON DELETE CASCADE,
    feed text COLLATE "C" NOT NULL,
    files integer NOT NULL, bytes bigint NOT NULL,
    records bigint, inserted bigint, updated bigint, unchanged bigint, rejected bigint,
    quarantined integer,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    staged_at timestamptz,
    committed_at timestamptz
);

CREATE TABLE tradewind.reconciliations (
    reconciliation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed text COLLATE "C" NOT NULL,
    run_id integer REFERENCES tradewind.runs ON DELETE SET NULL,
    listed bigint NOT NULL, found bigint NOT NULL, ignored bigint NOT NULL,
    started_at timestamptz NOT NULL, ended_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
