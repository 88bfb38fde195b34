SET check_function_bodies = false;

CREATE SCHEMA tradewind;

CREATE SCHEMA tradewind_staging;

CREATE FUNCTION tradewind.order_key(path_date date, path_sequence bigint, effective_at timestamp with time zone, uri text) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    SELECT concat_ws('|', coalesce(to_char(path_date, 'YYYYMMDD'), '00000000'),
        lpad(coalesce(path_sequence, 0)::text, 19, '0'),
        to_char(effective_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS'), uri) $$;

CREATE FUNCTION tradewind.trades_as_of(moment timestamp with time zone) RETURNS TABLE(dataset_id integer, trade_id text, symbol text, venue text, trade_date date, event_time timestamp with time zone, event_nanos smallint, side text, price numeric, quantity numeric, currency text, account text, status text)
    LANGUAGE sql STABLE
    AS $$
    SELECT dataset_id, trade_id, symbol, venue, trade_date, event_time, event_nanos, side, price, quantity,
           currency, account, status FROM tradewind.trades WHERE recorded_at <= moment
    UNION ALL
    SELECT dataset_id, trade_id, symbol, venue, trade_date, event_time, event_nanos, side, price, quantity,
           currency, account, status FROM tradewind.trade_revisions
    WHERE recorded_at <= moment AND replaced_at > moment $$;

CREATE TABLE public.tradewind_schema_version (
    version_num character varying(32) NOT NULL
);

CREATE TABLE tradewind.batches (
    batch_id bigint NOT NULL,
    run_id integer NOT NULL,
    feed text NOT NULL COLLATE pg_catalog."C",
    files integer NOT NULL,
    bytes bigint NOT NULL,
    records bigint,
    inserted bigint,
    updated bigint,
    unchanged bigint,
    rejected bigint,
    quarantined integer,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    staged_at timestamp with time zone,
    committed_at timestamp with time zone
);

ALTER TABLE tradewind.batches ALTER COLUMN batch_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tradewind.batches_batch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE tradewind.datasets (
    dataset_id integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    partition text DEFAULT 'month'::text NOT NULL,
    CONSTRAINT datasets_partition_check CHECK ((partition = ANY (ARRAY['month'::text, 'day'::text])))
);

ALTER TABLE tradewind.datasets ALTER COLUMN dataset_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tradewind.datasets_dataset_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE tradewind.feeds (
    feed text NOT NULL COLLATE pg_catalog."C",
    dataset_id integer NOT NULL,
    source text NOT NULL,
    profile text NOT NULL,
    profile_version text NOT NULL,
    paused boolean DEFAULT false NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE tradewind.files (
    file_id bigint NOT NULL,
    feed text NOT NULL COLLATE pg_catalog."C",
    dataset_id integer NOT NULL,
    uri text NOT NULL COLLATE pg_catalog."C",
    version text NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    modified_at timestamp with time zone NOT NULL,
    effective_at timestamp with time zone NOT NULL,
    path_date date,
    path_sequence bigint,
    order_key text NOT NULL COLLATE pg_catalog."C",
    sequence text,
    seen_by text NOT NULL,
    state text DEFAULT 'discovered'::text NOT NULL,
    reason text,
    due_at timestamp with time zone,
    run_id integer,
    fence bigint DEFAULT 0 NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    registrations integer DEFAULT 1 NOT NULL,
    registered_at timestamp with time zone DEFAULT now() NOT NULL,
    state_at timestamp with time zone DEFAULT now() NOT NULL,
    loaded_at timestamp with time zone,
    batch_id bigint,
    profile_version text,
    lines bigint,
    framing_lines bigint,
    record_lines bigint,
    split_lines bigint[],
    records bigint,
    inserted bigint,
    updated bigint,
    unchanged bigint,
    duplicate bigint,
    stale bigint,
    pending bigint,
    rejected bigint,
    ignored bigint,
    withdrawn bigint,
    min_date date,
    max_date date,
    ignored_by jsonb,
    CONSTRAINT books_of_lines CHECK (((state <> ALL (ARRAY['loaded'::text, 'superseded'::text])) OR COALESCE((lines = (record_lines + framing_lines)), false))),
    CONSTRAINT books_of_records CHECK (((state <> ALL (ARRAY['loaded'::text, 'superseded'::text])) OR COALESCE((records = (((((((inserted + updated) + unchanged) + duplicate) + stale) + pending) + rejected) + ignored)), false))),
    CONSTRAINT files_state_check CHECK ((state = ANY (ARRAY['discovered'::text, 'loading'::text, 'loaded'::text, 'superseded'::text, 'quarantined'::text, 'vanished'::text, 'waiting'::text, 'ignored'::text, 'unloaded'::text])))
)
WITH (fillfactor='80');

ALTER TABLE tradewind.files ALTER COLUMN file_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tradewind.files_file_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE tradewind.pending_corrections (
    file_id bigint NOT NULL,
    dataset_id integer NOT NULL,
    split integer NOT NULL,
    line integer NOT NULL,
    action smallint NOT NULL,
    trade_id text NOT NULL COLLATE pg_catalog."C",
    symbol text COLLATE pg_catalog."C",
    venue text COLLATE pg_catalog."C",
    trade_date date,
    event_us bigint,
    event_nanos smallint,
    side text COLLATE pg_catalog."C",
    price numeric,
    quantity numeric,
    currency text COLLATE pg_catalog."C",
    account text COLLATE pg_catalog."C",
    version numeric,
    attributes jsonb,
    registered_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE tradewind.reconciliations (
    reconciliation_id bigint NOT NULL,
    feed text NOT NULL COLLATE pg_catalog."C",
    run_id integer,
    listed bigint NOT NULL,
    found bigint NOT NULL,
    ignored bigint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE tradewind.reconciliations ALTER COLUMN reconciliation_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tradewind.reconciliations_reconciliation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE tradewind.rejects (
    reject_id bigint NOT NULL,
    file_id bigint NOT NULL,
    line bigint NOT NULL,
    column_name text,
    reason text NOT NULL,
    raw text NOT NULL,
    raw_escaped boolean NOT NULL,
    rejected_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE tradewind.rejects ALTER COLUMN reject_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tradewind.rejects_reject_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE tradewind.runs (
    run_id integer NOT NULL,
    kind text NOT NULL,
    feeds text[] NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    state text DEFAULT 'running'::text NOT NULL,
    reason text,
    stop_requested boolean DEFAULT false NOT NULL,
    total_files bigint,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT runs_kind_check CHECK ((kind = ANY (ARRAY['stream'::text, 'backfill'::text, 'sweep'::text, 'command'::text]))),
    CONSTRAINT runs_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text, 'stopped'::text, 'lost'::text])))
);

ALTER TABLE tradewind.runs ALTER COLUMN run_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tradewind.runs_run_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE tradewind.trade_revisions (
    revision_id bigint NOT NULL,
    replaced_at timestamp with time zone NOT NULL,
    replaced_by bigint NOT NULL,
    reason text NOT NULL,
    moved_to date,
    event_time timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    file_id bigint NOT NULL,
    dataset_id integer NOT NULL,
    trade_date date NOT NULL,
    split integer NOT NULL,
    line integer NOT NULL,
    event_nanos smallint NOT NULL,
    status text NOT NULL,
    trade_id text NOT NULL COLLATE pg_catalog."C",
    symbol text NOT NULL COLLATE pg_catalog."C",
    venue text NOT NULL COLLATE pg_catalog."C",
    side text,
    price numeric NOT NULL,
    quantity numeric NOT NULL,
    currency text,
    account text,
    version numeric,
    attributes jsonb,
    CONSTRAINT trade_revisions_reason_check CHECK ((reason = ANY (ARRAY['updated'::text, 'corrected'::text, 'cancelled'::text, 'withdrawn'::text])))
);

ALTER TABLE tradewind.trade_revisions ALTER COLUMN revision_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tradewind.trade_revisions_revision_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE tradewind.trades (
    event_time timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    file_id bigint NOT NULL,
    cancelled_by bigint,
    dataset_id integer NOT NULL,
    trade_date date NOT NULL,
    split integer NOT NULL,
    line integer NOT NULL,
    cancelled_split integer,
    cancelled_line integer,
    event_nanos smallint NOT NULL,
    corrected boolean DEFAULT false NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    trade_id text NOT NULL COLLATE pg_catalog."C",
    symbol text NOT NULL COLLATE pg_catalog."C",
    venue text NOT NULL COLLATE pg_catalog."C",
    side text COLLATE pg_catalog."C",
    price numeric NOT NULL,
    quantity numeric NOT NULL,
    currency text COLLATE pg_catalog."C",
    account text COLLATE pg_catalog."C",
    version numeric,
    cancelled_version numeric,
    attributes jsonb,
    CONSTRAINT trades_event_nanos_check CHECK (((event_nanos >= 0) AND (event_nanos <= 999))),
    CONSTRAINT trades_side_check CHECK ((side = ANY (ARRAY['buy'::text, 'sell'::text]))),
    CONSTRAINT trades_status_check CHECK ((status = ANY (ARRAY['new'::text, 'corrected'::text, 'cancelled'::text])))
)
PARTITION BY LIST (dataset_id);

CREATE TABLE tradewind.trades_1 (
    event_time timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    file_id bigint NOT NULL,
    cancelled_by bigint,
    dataset_id integer NOT NULL,
    trade_date date NOT NULL,
    split integer NOT NULL,
    line integer NOT NULL,
    cancelled_split integer,
    cancelled_line integer,
    event_nanos smallint NOT NULL,
    corrected boolean DEFAULT false NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    trade_id text NOT NULL COLLATE pg_catalog."C",
    symbol text NOT NULL COLLATE pg_catalog."C",
    venue text NOT NULL COLLATE pg_catalog."C",
    side text COLLATE pg_catalog."C",
    price numeric NOT NULL,
    quantity numeric NOT NULL,
    currency text COLLATE pg_catalog."C",
    account text COLLATE pg_catalog."C",
    version numeric,
    cancelled_version numeric,
    attributes jsonb,
    CONSTRAINT trades_event_nanos_check CHECK (((event_nanos >= 0) AND (event_nanos <= 999))),
    CONSTRAINT trades_side_check CHECK ((side = ANY (ARRAY['buy'::text, 'sell'::text]))),
    CONSTRAINT trades_status_check CHECK ((status = ANY (ARRAY['new'::text, 'corrected'::text, 'cancelled'::text])))
)
PARTITION BY RANGE (trade_date);

CREATE TABLE tradewind.trades_1_202601 (
    event_time timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    file_id bigint NOT NULL,
    cancelled_by bigint,
    dataset_id integer NOT NULL,
    trade_date date NOT NULL,
    split integer NOT NULL,
    line integer NOT NULL,
    cancelled_split integer,
    cancelled_line integer,
    event_nanos smallint NOT NULL,
    corrected boolean DEFAULT false NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    trade_id text NOT NULL COLLATE pg_catalog."C",
    symbol text NOT NULL COLLATE pg_catalog."C",
    venue text NOT NULL COLLATE pg_catalog."C",
    side text COLLATE pg_catalog."C",
    price numeric NOT NULL,
    quantity numeric NOT NULL,
    currency text COLLATE pg_catalog."C",
    account text COLLATE pg_catalog."C",
    version numeric,
    cancelled_version numeric,
    attributes jsonb,
    CONSTRAINT trades_event_nanos_check CHECK (((event_nanos >= 0) AND (event_nanos <= 999))),
    CONSTRAINT trades_side_check CHECK ((side = ANY (ARRAY['buy'::text, 'sell'::text]))),
    CONSTRAINT trades_status_check CHECK ((status = ANY (ARRAY['new'::text, 'corrected'::text, 'cancelled'::text])))
)
WITH (fillfactor='90');

CREATE TABLE tradewind.trades_1_202602 (
    event_time timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    file_id bigint NOT NULL,
    cancelled_by bigint,
    dataset_id integer NOT NULL,
    trade_date date NOT NULL,
    split integer NOT NULL,
    line integer NOT NULL,
    cancelled_split integer,
    cancelled_line integer,
    event_nanos smallint NOT NULL,
    corrected boolean DEFAULT false NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    trade_id text NOT NULL COLLATE pg_catalog."C",
    symbol text NOT NULL COLLATE pg_catalog."C",
    venue text NOT NULL COLLATE pg_catalog."C",
    side text COLLATE pg_catalog."C",
    price numeric NOT NULL,
    quantity numeric NOT NULL,
    currency text COLLATE pg_catalog."C",
    account text COLLATE pg_catalog."C",
    version numeric,
    cancelled_version numeric,
    attributes jsonb,
    CONSTRAINT trades_event_nanos_check CHECK (((event_nanos >= 0) AND (event_nanos <= 999))),
    CONSTRAINT trades_side_check CHECK ((side = ANY (ARRAY['buy'::text, 'sell'::text]))),
    CONSTRAINT trades_status_check CHECK ((status = ANY (ARRAY['new'::text, 'corrected'::text, 'cancelled'::text])))
)
WITH (fillfactor='90');

ALTER TABLE ONLY tradewind.trades ATTACH PARTITION tradewind.trades_1 FOR VALUES IN (1);

ALTER TABLE ONLY tradewind.trades_1 ATTACH PARTITION tradewind.trades_1_202601 FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');

ALTER TABLE ONLY tradewind.trades_1 ATTACH PARTITION tradewind.trades_1_202602 FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');

INSERT INTO public.tradewind_schema_version VALUES ('0002');

INSERT INTO tradewind.batches OVERRIDING SYSTEM VALUE VALUES (1, 1, 'x', 2, 224, 4, 2, 0, 0, 1, 1, '2026-11-25 13:10:57.438129+00', '2026-11-25 13:10:57.635388+00', '2026-11-25 13:10:57.969954+00');
INSERT INTO tradewind.batches OVERRIDING SYSTEM VALUE VALUES (2, 2, 'x', 1, 137, 2, 1, 1, 0, 0, 0, '2026-11-25 13:10:58.485721+00', '2026-11-25 13:10:58.546628+00', '2026-11-25 13:10:58.811627+00');

INSERT INTO tradewind.datasets OVERRIDING SYSTEM VALUE VALUES (1, 'x', 'month');

INSERT INTO tradewind.feeds VALUES ('x', 1, 'file:///data/in/', 'demo-exchange', '1+4da00c2b', false, '2026-11-25 13:10:58.307503+00');

INSERT INTO tradewind.files OVERRIDING SYSTEM VALUE VALUES (2, 'x', 1, 'file:///data/in/b.csv', '1767600000000000000-18', 18, '2026-01-05 08:00:00+00', '2026-01-05 08:00:00+00', NULL, NULL, '00000000|0000000000000000000|20260105080000000000|file:///data/in/b.csv', NULL, 'sweep', 'quarantined', 'the header has no column "trade_id" (for trade_id); it has no header of ours: correct the profile''s columns, or have the file sent again', NULL, NULL, 1, 1, 1, '2026-11-25 13:10:57.392217+00', '2026-11-25 13:10:57.46185+00', NULL, 1, '1+4da00c2b', 1, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tradewind.files OVERRIDING SYSTEM VALUE VALUES (3, 'x', 1, 'file:///data/in/a.csv', '1767700000000000000-137', 137, '2026-01-06 11:46:40+00', '2026-01-06 11:46:40+00', NULL, NULL, '00000000|0000000000000000000|20260106114640000000|file:///data/in/a.csv', NULL, 'sweep', 'loaded', NULL, NULL, NULL, 1, 1, 1, '2026-11-25 13:10:58.407478+00', '2026-11-25 13:10:58.496854+00', '2026-11-25 13:10:58.496854+00', 2, '1+4da00c2b', 3, 1, 2, '{3}', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, '2026-01-05', '2026-02-05', NULL);
INSERT INTO tradewind.files OVERRIDING SYSTEM VALUE VALUES (1, 'x', 1, 'file:///data/in/a.csv', '1767600000000000000-206', 206, '2026-01-05 08:00:00+00', '2026-01-05 08:00:00+00', NULL, NULL, '00000000|0000000000000000000|20260105080000000000|file:///data/in/a.csv', NULL, 'sweep', 'superseded', NULL, NULL, NULL, 1, 1, 1, '2026-11-25 13:10:57.392217+00', '2026-11-25 13:10:58.496854+00', '2026-11-25 13:10:57.46185+00', 1, '1+4da00c2b', 5, 1, 4, '{5}', 4, 2, 0, 0, 1, 0, 0, 1, 0, 0, '2026-01-05', '2026-01-05', NULL);

INSERT INTO tradewind.rejects OVERRIDING SYSTEM VALUE VALUES (1, 1, 5, 'executed_at', '"never" is not a possible ISO time (YYYY-MM-DDTHH:MM:SS, up to 9 decimals, Z or offset)', '3,ACME,never,B,10.5,2,USD', false, '2026-11-25 13:10:57.46185+00');

INSERT INTO tradewind.runs OVERRIDING SYSTEM VALUE VALUES (1, 'backfill', '{x}', 'host', 16288, 'done', NULL, false, NULL, '2026-11-25 13:10:57.284951+00', '2026-11-25 13:10:58.046415+00');
INSERT INTO tradewind.runs OVERRIDING SYSTEM VALUE VALUES (2, 'backfill', '{x}', 'host', 16288, 'done', NULL, false, NULL, '2026-11-25 13:10:58.194757+00', '2026-11-25 13:10:58.864411+00');

INSERT INTO tradewind.trade_revisions OVERRIDING SYSTEM VALUE VALUES (1, '2026-11-25 13:10:58.496854+00', 3, 'updated', NULL, '2026-01-05 12:00:00+00', '2026-11-25 13:10:57.46185+00', 1, 1, '2026-01-05', 0, 2, 0, 'new', '1', 'ACME', 'DEMO-X', 'buy', 10.5, 2, 'USD', NULL, NULL, NULL);

INSERT INTO tradewind.trades_1_202601 VALUES ('2026-01-05 12:00:00+00', '2026-11-25 13:10:57.46185+00', 1, NULL, 1, '2026-01-05', 0, 4, NULL, NULL, 0, false, 'new', '2', 'ACME', 'DEMO-X', 'buy', 9.75, 2, 'USD', NULL, NULL, NULL, NULL);
INSERT INTO tradewind.trades_1_202601 VALUES ('2026-01-05 12:00:00+00', '2026-11-25 13:10:58.496854+00', 3, NULL, 1, '2026-01-05', 0, 2, NULL, NULL, 0, false, 'new', '1', 'ACME', 'DEMO-X', 'buy', 11, 2, 'USD', NULL, NULL, NULL, NULL);

INSERT INTO tradewind.trades_1_202602 VALUES ('2026-02-05 12:00:00+00', '2026-11-25 13:10:58.496854+00', 3, NULL, 1, '2026-02-05', 0, 3, NULL, NULL, 0, false, 'new', '4', 'ACME', 'DEMO-X', 'buy', 10.5, 2, 'USD', NULL, NULL, NULL, NULL);

SELECT pg_catalog.setval('tradewind.batches_batch_id_seq', 2, true);

SELECT pg_catalog.setval('tradewind.datasets_dataset_id_seq', 2, true);

SELECT pg_catalog.setval('tradewind.files_file_id_seq', 4, true);

SELECT pg_catalog.setval('tradewind.reconciliations_reconciliation_id_seq', 1, false);

SELECT pg_catalog.setval('tradewind.rejects_reject_id_seq', 1, true);

SELECT pg_catalog.setval('tradewind.runs_run_id_seq', 2, true);

SELECT pg_catalog.setval('tradewind.trade_revisions_revision_id_seq', 1, true);

ALTER TABLE ONLY public.tradewind_schema_version
    ADD CONSTRAINT tradewind_schema_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY tradewind.batches
    ADD CONSTRAINT batches_pkey PRIMARY KEY (batch_id);

ALTER TABLE ONLY tradewind.datasets
    ADD CONSTRAINT datasets_name_key UNIQUE (name);

ALTER TABLE ONLY tradewind.datasets
    ADD CONSTRAINT datasets_pkey PRIMARY KEY (dataset_id);

ALTER TABLE ONLY tradewind.feeds
    ADD CONSTRAINT feeds_pkey PRIMARY KEY (feed);

ALTER TABLE ONLY tradewind.files
    ADD CONSTRAINT files_feed_uri_version_key UNIQUE (feed, uri, version);

ALTER TABLE ONLY tradewind.files
    ADD CONSTRAINT files_pkey PRIMARY KEY (file_id);

ALTER TABLE ONLY tradewind.pending_corrections
    ADD CONSTRAINT pending_corrections_pkey PRIMARY KEY (file_id, split, line);

ALTER TABLE ONLY tradewind.reconciliations
    ADD CONSTRAINT reconciliations_pkey PRIMARY KEY (reconciliation_id);

ALTER TABLE ONLY tradewind.rejects
    ADD CONSTRAINT rejects_pkey PRIMARY KEY (reject_id);

ALTER TABLE ONLY tradewind.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (run_id);

ALTER TABLE ONLY tradewind.trade_revisions
    ADD CONSTRAINT trade_revisions_pkey PRIMARY KEY (revision_id);

ALTER TABLE ONLY tradewind.trades
    ADD CONSTRAINT trades_pkey PRIMARY KEY (trade_id, symbol, venue, trade_date, dataset_id);

ALTER TABLE ONLY tradewind.trades_1
    ADD CONSTRAINT trades_1_pkey PRIMARY KEY (trade_id, symbol, venue, trade_date, dataset_id);

ALTER TABLE ONLY tradewind.trades_1_202601
    ADD CONSTRAINT trades_1_202601_pkey PRIMARY KEY (trade_id, symbol, venue, trade_date, dataset_id);

ALTER TABLE ONLY tradewind.trades_1_202602
    ADD CONSTRAINT trades_1_202602_pkey PRIMARY KEY (trade_id, symbol, venue, trade_date, dataset_id);

CREATE INDEX files_by_uri ON tradewind.files USING btree (uri);

CREATE INDEX files_owed ON tradewind.files USING btree (feed, state) WHERE (state = ANY (ARRAY['discovered'::text, 'loading'::text, 'waiting'::text]));

CREATE INDEX pending_by_trade ON tradewind.pending_corrections USING btree (dataset_id, trade_id);

CREATE INDEX rejects_by_file ON tradewind.rejects USING btree (file_id, line);

CREATE INDEX trade_revisions_by_trade ON tradewind.trade_revisions USING btree (trade_id, dataset_id);

ALTER INDEX tradewind.trades_1_pkey ATTACH PARTITION tradewind.trades_1_202601_pkey;

ALTER INDEX tradewind.trades_1_pkey ATTACH PARTITION tradewind.trades_1_202602_pkey;

ALTER INDEX tradewind.trades_pkey ATTACH PARTITION tradewind.trades_1_pkey;

ALTER TABLE ONLY tradewind.batches
    ADD CONSTRAINT batches_run_id_fkey FOREIGN KEY (run_id) REFERENCES tradewind.runs(run_id) ON DELETE CASCADE;

ALTER TABLE ONLY tradewind.feeds
    ADD CONSTRAINT feeds_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES tradewind.datasets(dataset_id);

ALTER TABLE ONLY tradewind.files
    ADD CONSTRAINT files_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES tradewind.datasets(dataset_id);

ALTER TABLE ONLY tradewind.files
    ADD CONSTRAINT files_feed_fkey FOREIGN KEY (feed) REFERENCES tradewind.feeds(feed);

ALTER TABLE ONLY tradewind.files
    ADD CONSTRAINT files_run_id_fkey FOREIGN KEY (run_id) REFERENCES tradewind.runs(run_id);

ALTER TABLE ONLY tradewind.pending_corrections
    ADD CONSTRAINT pending_corrections_file_id_fkey FOREIGN KEY (file_id) REFERENCES tradewind.files(file_id) ON DELETE CASCADE;

ALTER TABLE ONLY tradewind.reconciliations
    ADD CONSTRAINT reconciliations_run_id_fkey FOREIGN KEY (run_id) REFERENCES tradewind.runs(run_id) ON DELETE SET NULL;

ALTER TABLE ONLY tradewind.rejects
    ADD CONSTRAINT rejects_file_id_fkey FOREIGN KEY (file_id) REFERENCES tradewind.files(file_id) ON DELETE CASCADE;

