"""Rows for the API to show, written by SQL: a feed, files in chosen states, batches, rejects, trades."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from psycopg2.extras import RealDictCursor

from sinks import database, partitions
from sinks.partitions import covering

BOOKS = (
    "lines = 10, framing_lines = 1, record_lines = 9, records = 9, inserted = 7, updated = 1, unchanged = 0, "
    "duplicate = 0, stale = 0, pending = 0, rejected = 1, ignored = 0, withdrawn = 0, loaded_at = registered_at + "
    "interval '2 seconds'"
)


def ask(dsn: str, statement: str, **values: Any) -> list[dict[str, Any]]:
    """The rows of one statement, committed."""
    connection = database.connect(dsn)
    try:
        with database.transaction(connection), connection.cursor(cursor_factory=RealDictCursor) as cursor:
            cursor.execute(statement, values)
            return [dict(row) for row in cursor.fetchall()] if cursor.description else []
    finally:
        connection.close()


def feed(dsn: str, name: str) -> int:
    """A feed and a dataset of its name; the dataset's id."""
    ask(dsn, "INSERT INTO tradewind.datasets (name) VALUES (%(name)s)", name=name)
    (row,) = ask(
        dsn,
        "INSERT INTO tradewind.feeds (feed, dataset_id, source, profile, profile_version) SELECT %(name)s, dataset_id, "
        "'file:///in/', 'p', '1' FROM tradewind.datasets WHERE name = %(name)s RETURNING dataset_id",
        name=name,
    )
    return int(row["dataset_id"])


def files(
    dsn: str, feed: str, count: int, state: str = "discovered", under: str = "file:///in", **more: Any
) -> list[int]:
    """So many files of a feed in a state, named 000001.csv … below a folder; their ids, oldest first."""
    rows = ask(
        dsn,
        "INSERT INTO tradewind.files (feed, dataset_id, uri, version, size, modified_at, effective_at, order_key, "
        "seen_by, state, registered_at, state_at) SELECT feed, dataset_id, "
        "%(under)s || '/' || to_char(n, 'FM000000') || '.csv', %(version)s, 100, "
        "%(at)s, %(at)s, 'k' || n, 'sweep', 'discovered', %(at)s, %(at)s "
        "FROM tradewind.feeds, generate_series(1, %(count)s) n WHERE feed = %(feed)s RETURNING file_id",
        feed=feed, count=count, under=under, version=more.get("version", "v1"), at=more.get("at", "2026-01-05T10:00Z"),
    )  # fmt: skip
    ids = sorted(int(row["file_id"]) for row in rows)
    if state != "discovered":
        books = f"{BOOKS}, " if state in ("loaded", "superseded") else ""
        ask(dsn, f"UPDATE tradewind.files SET {books} state = %(state)s, reason = %(reason)s, "
            "state_at = registered_at + interval '2 seconds' WHERE file_id = ANY(%(ids)s)",
            state=state, reason=more.get("reason"), ids=ids)  # fmt: skip
    return ids


def rejects(dsn: str, file_id: int, raws: list[str]) -> None:
    """Rejected lines of a file, from line 2 on."""
    ask(
        dsn,
        "INSERT INTO tradewind.rejects (file_id, line, column_name, reason, raw, raw_escaped) "
        "SELECT %(file_id)s, n + 1, 'price', 'is no number', raw, false "
        "FROM unnest(%(raws)s::text[]) WITH ORDINALITY AS r (raw, n)",
        file_id=file_id, raws=raws,
    )  # fmt: skip
    ask(dsn, "UPDATE tradewind.files SET rejected = %(n)s, records = records - rejected + %(n)s, lines = "
        "lines - rejected + %(n)s, record_lines = record_lines - rejected + %(n)s WHERE file_id = %(file_id)s",
        file_id=file_id, n=len(raws))  # fmt: skip


def trades(dsn: str, dataset_id: int, file_id: int, count: int, **more: Any) -> None:
    """So many trades of January 2026 with ids T0001 …, a second apart, of odd numbers."""
    connection = database.connect(dsn)
    with database.transaction(connection) as cursor:
        for partition in partitions.missing(cursor, covering(dataset_id, [date(2026, 1, 1)], "month")):
            partitions.create(cursor, partition)
            partitions.attach(cursor, partition)
    connection.close()
    ask(
        dsn,
        "INSERT INTO tradewind.trades (event_time, recorded_at, file_id, dataset_id, trade_date, split, line, "
        "event_nanos, status, trade_id, symbol, venue, side, price, quantity, attributes) SELECT "
        "timestamptz '2026-01-05T10:00Z' + n * interval '1 second', now(), %(file_id)s, %(dataset_id)s, "
        "'2026-01-05', 0, n + 1, 789, 'new', "
        "'T' || lpad(n::text, greatest(4, length(n::text)), '0'), "
        "%(symbol)s, %(venue)s, 'buy', 0.00000001 * n, 12345678901234567890.5, %(more)s "
        "FROM generate_series(1, %(count)s) n",
        dataset_id=dataset_id, file_id=file_id, count=count, symbol=more.get("symbol", "BTC"),
        venue=more.get("venue", "X"), more=json.dumps({"note": more.get("note", "a")}),
    )  # fmt: skip
