"""The peer: what one writes by hand for psql, as its documents advise, with Tradewind's key and columns."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from sinks import embedded

COLUMNS = (
    "event_time, recorded_at, file_id, dataset_id, trade_date, split, line, event_nanos, corrected, status, trade_id, "
    "symbol, venue, side, price, quantity, currency, account, version, attributes"
)
KEY = "trade_id, symbol, venue, trade_date, dataset_id"

TABLE = f"""
CREATE SCHEMA script;
CREATE TABLE script.trades (LIKE tradewind.trades INCLUDING DEFAULTS INCLUDING CONSTRAINTS, PRIMARY KEY ({KEY}));
"""

_STAGING = """\\set ON_ERROR_STOP on
SET timezone = 'UTC';
SET work_mem = '256MB';
CREATE UNLOGGED TABLE script.staging (trade_id text COLLATE "C", executed_at timestamptz, symbol text COLLATE "C",
    venue text COLLATE "C", side text COLLATE "C", price numeric, quantity numeric, currency text COLLATE "C",
    line integer GENERATED ALWAYS AS IDENTITY);
"""

_MERGE = f"""
INSERT INTO script.trades ({COLUMNS})
SELECT executed_at, now(), 1, 1, executed_at::date, 0, line, 0, false, 'new', trade_id, symbol, venue,
    CASE side WHEN 'B' THEN 'buy' ELSE 'sell' END, price, quantity, currency, NULL, NULL, NULL
FROM script.staging
ON CONFLICT ({KEY}) DO UPDATE SET event_time = excluded.event_time, recorded_at = excluded.recorded_at,
    file_id = excluded.file_id, split = excluded.split, line = excluded.line, event_nanos = excluded.event_nanos,
    corrected = excluded.corrected, status = excluded.status, side = excluded.side, price = excluded.price,
    quantity = excluded.quantity, currency = excluded.currency, account = excluded.account,
    version = excluded.version, attributes = excluded.attributes;
DROP TABLE script.staging;
"""


def text(paths: Sequence[Path]) -> str:
    """The script that loads these files."""
    fields = "trade_id, executed_at, symbol, venue, side, price, quantity, currency"
    copies = (f"\\copy script.staging ({fields}) FROM '{path}' WITH (FORMAT csv, HEADER)\n" for path in paths)
    return _STAGING + "".join(copies) + _MERGE


def run(dsn: str, paths: Sequence[Path]) -> float:
    """Run the script by the psql of the embedded PostgreSQL; seconds. Raises CalledProcessError."""
    started = time.perf_counter()
    command = [str(embedded.binaries(18) / "psql"), "-X", "-q", "-d", dsn, "-f", "-"]
    subprocess.run(command, input=text(paths), text=True, check=True, capture_output=True)
    return time.perf_counter() - started
