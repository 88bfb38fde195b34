"""The live stream in each way of discovery, on a real Spark and PostgreSQL."""

from __future__ import annotations

import gzip
import io
import json
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.request import urlopen

import pytest

from sinks import runs
from streaming.health import Health
from streaming.job import KEEPER_BEAT, Job
from streaming.tables import Stream
from tests.acceptance.desk import Desk, row, table

WITHIN = 60.0


def zipped(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


@contextmanager
def streaming(desk: Desk) -> Iterator[Job]:
    """The feed's stream, for the time of the block; what ended it is raised."""
    failures: list[BaseException] = []
    with runs.run(desk.dsn, "stream", ["x"]) as run:
        often = Stream.model_validate({"sweep_every": "1s", "health_port": False})
        job = Job(desk.whole_settings.model_copy(update={"stream": often}), desk.dsn, desk.session, run)

        def work() -> None:
            try:
                job.stream([desk.plan])
            except BaseException as failure:  # noqa: BLE001 - raised in the test's own thread
                failures.append(failure)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            until(lambda: bool(failures) or bool(job.feeds and job.feeds[0].query), "the query started")
            yield job
        finally:
            job.stop.set()
            thread.join(WITHIN)
    if failures:
        raise failures[0]


def until(true: Callable[[], bool], what: str, within: float = WITHIN) -> None:
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, f"not within {within} s: {what}"
        threading.Event().wait(0.02)


@pytest.mark.parametrize("discovery", ["events", "listing", "sweep"])
def test_a_file_moved_in_becomes_rows(desk: Desk, discovery: str) -> None:
    desk.settings["discovery"] = discovery
    with streaming(desk):
        desk.drop("a b.csv", table(row(1), row(2)))
        until(lambda: desk.count() == 2, "two rows")
        desk.drop("sub/c.csv", table(row(3)))
        until(lambda: desk.count() == 3, "a row from a folder made later")
    assert desk.states() == {"a b.csv": ["loaded"], "c.csv": ["loaded"]}


def test_switching_the_discovery_needs_no_reset(desk: Desk) -> None:
    for number, discovery in enumerate(("events", "listing", "sweep", "events"), 1):
        desk.settings["discovery"] = discovery
        with streaming(desk):
            desk.drop(f"{number}.csv", table(row(number)))
            until(lambda number=number: desk.count() == number, f"{number} rows")  # type: ignore[misc]
    assert {state for states in desk.states().values() for state in states} == {"loaded"}


def test_a_file_written_slowly_is_loaded_once_and_whole(desk: Desk) -> None:
    desk.settings["discovery"] = "events"
    whole = table(row(1, price="2.5"), row(2))
    with streaming(desk), (desk.folder / "slow.csv").open("wb") as stream:
        stream.write(whole[:70])
        stream.flush()
        desk.drop("other.csv", table(row(3)))
        until(lambda: desk.count() == 1, "the file beside it")
        stream.write(whole[70:])
        stream.close()
        until(lambda: desk.count() == 3, "the slow file")
    assert desk.prices()["1"] == "2.5"
    assert desk.books("slow.csv") == {"inserted": 2}


def test_a_retried_file_is_taken_by_the_running_stream(desk: Desk) -> None:
    desk.settings["discovery"] = "events"
    with streaming(desk):
        desk.drop("bad.csv", b"no,such,header\n1,2,3\n")
        until(lambda: desk.states() == {"bad.csv": ["quarantined"]}, "the quarantine")
        desk.ask("UPDATE tradewind.files SET state = 'discovered', attempts = 0 RETURNING 1")
        until(lambda: desk.ask("SELECT attempts FROM tradewind.files") == [(1,)], "the second try")
        until(lambda: desk.states() == {"bad.csv": ["quarantined"]}, "the quarantine again")


def test_health_tells_what_is_owed_and_metrics_are_for_prometheus(desk: Desk) -> None:
    with streaming(desk) as job, Health(0, job) as health:
        desk.drop("a.csv", table(row(1)))
        until(lambda: desk.count() == 1, "the row")
        with urlopen(f"{health.address}/healthz") as answer:
            assert json.load(answer)["x"]["up"] is True
        with urlopen(f"{health.address}/metrics") as answer:
            assert 'tradewind_owed_files{feed="x"} 0.0' in answer.read().decode()


@pytest.mark.parametrize("driver_files", [16, 0])
def test_a_server_that_drops_every_connection_delays_the_stream_and_loses_nothing(
    desk: Desk, driver_files: int
) -> None:
    desk.settings["discovery"] = "events"
    desk.batch["driver_files"] = driver_files
    with streaming(desk) as job:
        for number in range(1, 6):
            desk.drop(f"{number}.csv", table(row(number)))
            desk.ask(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            until(lambda number=number: desk.count() == number, f"{number} rows")  # type: ignore[misc]
        until(lambda: held(desk, job.run_id), "the run's lock is held again")
    assert {state for states in desk.states().values() for state in states} == {"loaded"}


def held(desk: Desk, run_id: int) -> bool:
    return bool(
        desk.ask(
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = %(kind)s AND objid = %(run)s",
            kind=runs.RUN_LOCKS,
            run=run_id,
        )
    )


def test_in_listing_mode_odd_names_are_loaded_once_under_their_own_name(desk: Desk) -> None:
    desk.settings["discovery"] = "listing"
    names = ["a b.csv", "plus+.csv", "100%.csv", "%20%2F.csv", "hash#f?q=1&b.csv", "é 🚀.csv", "{a}[b]*.csv", "a:b.csv"]
    with streaming(desk):
        for number, name in enumerate(names):
            desk.drop(name, table(row(number)))
        until(lambda: desk.count() == len(names), "every row")
    assert desk.states() == {name: ["loaded"] for name in names}
    assert set(desk.ask("SELECT DISTINCT seen_by FROM tradewind.files")) <= {("listing",), ("sweep",)}


def test_the_sweeps_of_a_stream_find_what_nothing_else_told_of_once_and_count_it(desk: Desk) -> None:
    desk.drop("before.csv", table(row(1)))
    with streaming(desk):
        until(lambda: desk.count() == 1, "what was there before the start")
        desk.drop("lost.csv", table(row(2)))
        until(lambda: desk.count() == 2, "what no event told of")
        desk.drop("lost.csv", table(row(2, price=7)))
        until(lambda: desk.prices()["2"] == "7", "its new version")
    whys, missed, overwritten, other = zip(
        *desk.ask(
            "SELECT why, missed, overwritten, returned + vanished + phantom + owed_too_long FROM "
            "tradewind.reconciliations ORDER BY reconciliation_id"
        ),
        strict=True,
    )
    assert (whys[0], set(whys[1:])) == ("start", {"beat"})
    assert (missed[0], sum(missed), sum(overwritten), sum(other)) == (1, 2, 1, 0)


@pytest.mark.slow
@pytest.mark.parametrize("discovery", ["listing", "sweep"])
def test_files_that_only_spark_may_read_are_read_through_it(desk: Desk, discovery: str) -> None:
    desk.settings |= {"discovery": discovery, "read_with": "spark"}
    with streaming(desk):
        desk.drop("a b.csv", table(row(1), row(2)))
        until(lambda: desk.count() == 2, "two rows, by the driver", 3 * WITHIN)
    versions = [str(version) for (version,) in desk.ask("SELECT version FROM tradewind.files")]
    assert [f"{(desk.folder / 'a b.csv').stat().st_mtime_ns // 1_000_000}-{len(table(row(1), row(2)))}"] == versions
    desk.batch["driver_files"] = 0
    desk.drop("100%.csv", table(row(3)))
    desk.drop("sub/c.csv.gz", gzip.compress(table(row(4))))
    desk.drop("d.zip", zipped({"e.csv": table(row(5)), "f.csv": table(row(6))}))
    with streaming(desk):
        until(lambda: desk.count() == 6, "the others, in tasks", 3 * WITHIN)
    assert {state for states in desk.states().values() for state in states} == {"loaded", "ignored"}
    assert desk.states()["d.zip"] == ["ignored"]


def test_a_paused_feed_registers_what_arrives_and_loads_it_once_it_is_resumed(desk: Desk) -> None:
    desk.settings["discovery"] = "events"
    with streaming(desk):
        desk.drop("before.csv", table(row(1)))
        until(lambda: desk.count() == 1, "the row before")
        desk.ask("UPDATE tradewind.feeds SET paused = true RETURNING 1")
        desk.drop("meanwhile.csv", table(row(2)))
        until(lambda: desk.states().get("meanwhile.csv") == ["discovered"], "the file that is owed")
        threading.Event().wait(2 * KEEPER_BEAT)  # two looks at what became owed by itself: a paused feed wakes nothing
        assert desk.count() == 1
        desk.ask("UPDATE tradewind.feeds SET paused = false RETURNING 1")
        until(lambda: desk.count() == 2, "the row that waited")


def test_a_stream_that_is_cancelled_in_the_ledger_stops(desk: Desk) -> None:
    with streaming(desk) as job:
        desk.ask("UPDATE tradewind.runs SET cancelled_by = 'somebody' RETURNING 1")
        until(job.stop.is_set, "the stop")
