-- Links that sign a browser in once. Used and expired ones stay a day, so that they are told from wrong ones.
CREATE TABLE tradewind.links (
    digest bytea PRIMARY KEY,
    token_id integer NOT NULL REFERENCES tradewind.tokens ON DELETE CASCADE,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
