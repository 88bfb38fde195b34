"""The API over a ledger of 1,000,000 files in 1,000 feeds: a real `tradewind serve`, asked on one connection."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import psycopg2
from psycopg2.extras import RealDictCursor

from api.pages import cursor as cursor_of
from benchmarks.line import Line
from benchmarks.rig import Rig
from sinks import tokens
from sinks.database import execute_alone

FEEDS, REPEATS, PAGE = 1000, 60, 100
#: Half of the files belong to one feed. In thousandths: quarantined 1, waiting 1, ignored 5, superseded 10.
FILL = """
INSERT INTO tradewind.files (feed, dataset_id, uri, version, size, modified_at, effective_at, order_key, seen_by, state,
    registered_at, state_at, loaded_at, lines, framing_lines, record_lines, records, inserted, updated, unchanged,
    duplicate, stale, pending, rejected, ignored, withdrawn)
SELECT feed, dataset_id, 's3://bucket/' || feed || to_char(at, '/YYYY/MM/DD/') || n || '.csv', n::text, 1000, at, at,
    n::text, 'sweep', state, at, at, at + interval '1 second', 100, 1, 99, 99, 99, 0, 0, 0, 0, 0, 0, 0, 0
FROM (SELECT n, timestamptz '2026-01-01' + n * interval '20 seconds' AS at,
        'feed-' || to_char(CASE WHEN n % 2 = 0 THEN 0 ELSE 1 + n / 2 % {others} END, 'FM0000') AS feed,
        CASE WHEN n % 1000 = 7 THEN 'quarantined' WHEN n % 1000 = 8 THEN 'waiting' WHEN n % 1000 < 7 AND n % 1000 > 1
            THEN 'ignored' WHEN n % 100 = 50 THEN 'superseded' ELSE 'loaded' END AS state
      FROM generate_series(1, {files}) n) made JOIN tradewind.feeds USING (feed)
"""
#: As many differences as stand there between two meltings, about ten statements' worth.
TALLIES = """
INSERT INTO tradewind.tallies
SELECT feed, state, moved, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, now(), timestamptz '2026-01-01'
FROM tradewind.feeds, (VALUES ('loading', -1), ('loaded', 1)) AS s (state, moved), generate_series(1, 10)
"""


@dataclass(frozen=True)
class Asker:
    """One connection to the server, with a token."""

    connection: http.client.HTTPConnection
    headers: dict[str, str]

    def get(self, path: str, **query: Any) -> Any:
        self.connection.request("GET", f"{path}?{urlencode(query)}", headers=self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} {query}: {answer.status} {body[:500]!r}")
        return json.loads(body)

    def milliseconds(self, path: str, **query: Any) -> list[float]:
        """Of REPEATS calls, after one that is not counted."""
        self.get(path, **query)
        spent = []
        for _ in range(REPEATS):
            started = time.perf_counter()
            self.get(path, **query)
            spent.append((time.perf_counter() - started) * 1000)
        return spent


def api(rig: Rig) -> list[Line]:
    """Pages of the ledger at its beginning and deep in it, by each filter; the summary."""
    rig.fresh()
    count = rig.rows(1_000_000)
    _fill(rig.dsn, count)
    with _serving(rig) as asker:
        summary = asker.milliseconds("/api/v1/summary")
        lines = [Line(f"summary of {FEEDS:,} feeds over {count:,} files", _told(summary), "p50 < 20 ms")]
        return lines + [_page(asker, name, query, count) for name, query in _queries().items()]


def _queries() -> dict[str, dict[str, str]]:
    busy, quiet = "feed-0000", "feed-0001"
    return {
        "all": {},
        "a feed of half of the files": {"feed": busy},
        "a feed of a two-thousandth": {"feed": quiet},
        "loaded": {"state": "loaded"},
        "quarantined": {"state": "quarantined"},
        "superseded in one feed": {"feed": busy, "state": "superseded"},
        "below the prefix of a feed": {"prefix": f"s3://bucket/{busy}/"},
        "below the prefix of a day": {"prefix": f"s3://bucket/{busy}/2026/01/03/"},
        "quarantined below a prefix": {"prefix": "s3://bucket/", "state": "quarantined"},
        "of one day": {"from": "2026-01-03T00:00:00Z", "to": "2026-01-04T00:00:00Z"},
        "of one day in one feed": {"feed": busy, "from": "2026-01-03T00:00:00Z", "to": "2026-01-04T00:00:00Z"},
    }


def _page(asker: Asker, name: str, query: dict[str, str], count: int) -> Line:
    """The first page and one nine tenths down."""
    first = asker.milliseconds("/api/v1/files", limit=PAGE, **query)
    deep = _deep(query, count)
    measured = f"first {_told(first)}"
    if deep is not None:
        measured += f"; deep {_told(asker.milliseconds('/api/v1/files', limit=PAGE, cursor=deep, **query))}"
    return Line(f"{PAGE} files: {name}", measured, "< 100 ms, constant with depth")


def _deep(query: dict[str, str], count: int) -> str | None:
    """The cursor of a page nine tenths down; None where it is not known without walking there."""
    if "from" in query:
        return None
    if "prefix" not in query:
        return cursor_of("files", count // 10)
    if "state" in query:
        return cursor_of("files by name", "s3://bucket/feed-0900/", 0)
    return None if query["prefix"].endswith("03/") else cursor_of("files by name", f"{query['prefix']}2026/07/", 0)


def _told(spent: list[float]) -> str:
    return f"p50 {np.percentile(spent, 50):.1f} ms, p99 {np.percentile(spent, 99):.1f} ms"


def _fill(dsn: str, count: int) -> None:
    execute_alone(dsn, "INSERT INTO tradewind.datasets (name) VALUES ('bench')")
    execute_alone(
        dsn,
        "INSERT INTO tradewind.feeds (feed, dataset_id, source, profile, profile_version) "
        "SELECT 'feed-' || to_char(n, 'FM0000'), dataset_id, 's3://bucket/', 'p', '1' "
        f"FROM tradewind.datasets, generate_series(0, {FEEDS - 1}) n",
    )
    execute_alone(dsn, FILL.format(files=count, others=FEEDS - 1))
    execute_alone(dsn, TALLIES)
    execute_alone(dsn, "VACUUM ANALYZE")


@contextmanager
def _serving(rig: Rig) -> Iterator[Asker]:
    """The program as operators start it."""
    config = rig.folder / "api.toml"
    config.write_text(f'[database]\nurl = "{rig.dsn}"\n[state]\ndir = "{rig.state}"\n[api]\nport = 0\n')
    command = [sys.executable, "-m", "cli_tool.run", "--config", str(config), "serve"]
    root = Path(__file__).resolve().parent.parent
    with subprocess.Popen(
        command, cwd=root, env=os.environ | {"PYTHONPATH": str(root)}, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            address = _address(process)
            connection = http.client.HTTPConnection(address, timeout=60)
            yield Asker(connection, {"Authorization": f"Bearer {_token(rig.dsn)}"})
            connection.close()
        finally:
            process.terminate()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"http://([\d.]+:\d+)", line):
            return found[1]
    raise RuntimeError("`tradewind serve` ended before it answered")


def _token(dsn: str) -> str:
    connection = psycopg2.connect(dsn, cursor_factory=RealDictCursor)
    with connection, connection.cursor() as cursor:
        token = tokens.create(cursor, "bench", "viewer", None)
    connection.close()
    assert token
    return token
