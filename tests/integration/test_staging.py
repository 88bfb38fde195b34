"""Writers take turns; what an attempt left behind goes with it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pyarrow as pa
import pytest

from sinks import database, runs, staging
from tests.integration.loading import Desk

WRITERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tradewind writer' AND datname = current_database()"
)
TEXT = pa.py_buffer(b"1\t7\t0\t1\t0\tx\tS\tV\t2025-01-02\t0\t0\tbuy\t1\t1\t\\N\t\\N\t\\N\t\\N\n")


def test_of_five_writers_never_more_than_two_write_and_all_come_to_it(desk: Desk) -> None:
    both_in = Barrier(3)  # two writers and this test
    seen: list[int] = []

    def write(meet: bool) -> None:
        with staging.writer(desk.dsn, 2) as cursor:
            if meet:
                both_in.wait(60)
            cursor.execute(WRITERS)
            seen.append(cursor.fetchone()[0])

    with ThreadPoolExecutor(5) as pool:
        first = [pool.submit(write, True) for _ in range(2)]
        both_in.wait(60)
        later = [pool.submit(write, False) for _ in range(3)]
        for writing in first + later:
            writing.result(120)
    assert len(seen) == 5
    assert max(seen) == 2


def test_a_writer_that_waits_is_not_named_a_writer(desk: Desk) -> None:
    entered, leave = Event(), Event()

    def hold() -> None:
        with staging.writer(desk.dsn, 1):
            entered.set()
            leave.wait(20)

    def follow() -> None:
        with staging.writer(desk.dsn, 1):
            pass

    with ThreadPoolExecutor(2) as pool:
        holding = pool.submit(hold)
        assert entered.wait(20)
        following = pool.submit(follow)
        waiting = "SELECT count(*) FROM pg_locks WHERE classid = 7448 AND NOT granted"
        while desk.ask(waiting) == [(0,)]:
            assert not following.done()
        named = desk.ask(
            "SELECT application_name FROM pg_stat_activity WHERE application_name IN "
            "('tradewind writer', 'tradewind waiting') AND datname = current_database() ORDER BY 1"
        )
        leave.set()
        holding.result(20)
        following.result(20)
    assert named == [("tradewind waiting",), ("tradewind writer",)]


def test_what_a_failed_writer_copied_is_gone(desk: Desk) -> None:
    stage = staging.Staging(f"r_{desk.run_id}_1")
    with database.transaction(desk.connection) as cursor:
        stage.create(cursor)
    with pytest.raises(ZeroDivisionError), staging.writer(desk.dsn, 2) as cursor:
        assert staging.copy(cursor, stage.trades, staging.TRADE_COLUMNS, TEXT) == 1
        raise ZeroDivisionError
    with staging.writer(desk.dsn, 2) as cursor:
        cursor.execute(f"SELECT count(*) FROM tradewind_staging.{stage.name}_trades")
        assert cursor.fetchone() == (0,)
    with database.transaction(desk.connection) as cursor:
        stage.drop(cursor)


def test_leftovers_of_dead_runs_are_dropped_and_those_of_the_living_stay(
    desk: Desk, desk_with: Callable[..., Desk]
) -> None:
    dead = runs.Run(desk.dsn, "command", [desk.name])
    dead.end("done")
    with database.transaction(desk.connection) as cursor:
        staging.drop_leftovers(cursor)
        mine, left = staging.Staging(f"r_{desk.run_id}_1"), staging.Staging(f"r_{dead.run_id}_1")
        mine.create(cursor)
        left.create(cursor)
        assert staging.drop_leftovers(cursor) == 2
        cursor.execute(
            "SELECT to_regclass(%s), to_regclass(%s)", [f"tradewind_staging.{s.name}_trades" for s in (mine, left)]
        )
        assert [found is not None for found in cursor.fetchone()] == [True, False]
        mine.drop(cursor)
