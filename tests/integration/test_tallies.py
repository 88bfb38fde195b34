"""Tallies are the sums over the files at any moment, whoever changes them and how many at once."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from sinks import database, ledger

FEED = "tallied"
_COUNTS = "records, inserted, updated, unchanged, duplicate, stale, pending, rejected, ignored, withdrawn"
_SUMS = ", ".join(f"coalesce(sum({name}), 0)::bigint" for name in _COUNTS.split(", "))
BY_FILES = f"""SELECT state, count(*), sum(size)::bigint, {_SUMS}
    FROM tradewind.files WHERE feed = '{FEED}' GROUP BY state ORDER BY state"""
BY_TALLIES = f"""SELECT state, sum(files)::bigint, sum(bytes)::bigint, {_SUMS}
    FROM tradewind.tallies WHERE feed = '{FEED}' GROUP BY state HAVING sum(files) > 0 ORDER BY state"""
BOOKS = """lines = 9, framing_lines = 1, record_lines = 8, records = 8, inserted = 3, updated = 2, unchanged = 1,
    duplicate = 1, stale = 0, pending = 0, rejected = 1, ignored = 0, withdrawn = 0"""

STEPS = (
    "INSERT INTO tradewind.files (feed, dataset_id, uri, version, size, modified_at, effective_at, order_key, seen_by) "
    f"SELECT feed, dataset_id, gen_random_uuid(), 'v', n, now(), now(), 'k', 'sweep' "
    f"FROM tradewind.feeds, generate_series(1, %(many)s) n WHERE feed = '{FEED}'",
    "UPDATE tradewind.files SET state = 'loading', state_at = now() WHERE file_id IN ({some} AND state = 'discovered')",
    f"UPDATE tradewind.files SET state = 'loaded', state_at = now(), {BOOKS} "
    "WHERE file_id IN ({some} AND state = 'loading')",
    "UPDATE tradewind.files SET state = 'superseded' WHERE file_id IN ({some} AND state = 'loaded')",
    "UPDATE tradewind.files SET size = size + 1, state = 'quarantined', rejected = 5 "
    "WHERE file_id IN ({some} AND state = 'discovered')",
    "UPDATE tradewind.files SET effective_at = now() WHERE file_id IN ({some})",
    "DELETE FROM tradewind.files WHERE file_id IN ({some})",
)  # fmt: skip
SOME = f"SELECT file_id FROM tradewind.files WHERE feed = '{FEED}' AND file_id %% 7 = %(number)s"


@pytest.fixture(scope="module")
def tallied(migrated: Callable[[int], tuple[str, Any, Any]]) -> Iterator[str]:
    dsn, connection, _ = migrated(18)
    with database.transaction(connection) as cursor:
        ledger.ensure_feed(
            cursor, feed=FEED, dataset=FEED, source="x", profile="p", profile_version="1", partition="month"
        )
    yield dsn
    with database.transaction(connection) as cursor:
        cursor.execute("DELETE FROM tradewind.files WHERE feed = %s", (FEED,))


def test_after_any_mixture_of_writers_the_tallies_are_the_sums_over_the_files(tallied: str) -> None:
    writers = [threading.Thread(target=write, args=(tallied, seed)) for seed in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert ask(tallied, BY_TALLIES) == ask(tallied, BY_FILES) != []


def write(dsn: str, seed: int) -> None:
    """Statements by chance, some of them taken back, and melting in between; each writer has files of its own."""
    chance = random.Random(seed)
    connection = database.connect(dsn)
    with connection.cursor() as cursor:
        for _ in range(150):
            values = {"many": chance.randrange(30), "number": seed}
            cursor.execute(chance.choice(STEPS).replace("{some}", SOME), values)
            if chance.random() < 0.2:
                cursor.execute("SELECT tradewind.melt_tallies(%s)", (FEED,))
            if chance.random() < 0.7:
                connection.commit() if chance.random() < 0.8 else connection.rollback()
    connection.commit()
    connection.close()


def test_a_large_statement_after_small_ones_is_not_planned_for_one_row(tallied: str) -> None:
    connection = database.connect(tallied)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tradewind.files WHERE feed = %s", (FEED,))
        cursor.execute("SET LOCAL statement_timeout = '12s'")  # each row against each other would take half a minute
        for many in (1, 20_000):
            cursor.execute(STEPS[0], {"many": many})
            for state, then in (("discovered", "loading"), ("loading", "quarantined"), ("quarantined", "discovered")):
                cursor.execute(
                    "UPDATE tradewind.files SET state = %s WHERE feed = %s AND state = %s", (then, FEED, state)
                )
    connection.rollback()
    connection.close()


@pytest.mark.parametrize("step", [0, -1], ids=["new ones", "ones that go"])
def test_files_that_only_come_or_only_go_are_melted_too(tallied: str, step: int) -> None:
    connection = database.connect(tallied)
    with closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(STEPS[0], {"many": 200})
        for number in range(200):
            one = f"SELECT file_id FROM tradewind.files WHERE feed = '{FEED}' LIMIT 1"
            cursor.execute(STEPS[step].replace("{some}", one), {"many": 1, "number": number})
        cursor.execute("SELECT count(*) FROM tradewind.tallies WHERE feed = %s", (FEED,))
        ((rows,),) = cursor.fetchall()
        assert rows < 100
        cursor.execute(BY_TALLIES)
        tallies = cursor.fetchall()
        cursor.execute(BY_FILES)
        assert tallies == cursor.fetchall()
        connection.rollback()


def ask(dsn: str, question: str) -> list[tuple[Any, ...]]:
    connection = database.connect(dsn)
    with database.transaction(connection) as cursor:
        cursor.execute(question)
        rows = list(cursor.fetchall())
    connection.close()
    return rows
