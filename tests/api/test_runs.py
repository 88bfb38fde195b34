"""Runs, their progress and their batches; and whether an expected stream is missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from sinks import runs
from tests.api.ledger import ask, feed


@pytest.fixture(scope="module")
def backfill(dsn: str) -> Iterator[int]:
    """A living backfill of 10 files, 4 of them done in two batches, a third batch under way."""
    feed(dsn, "history")
    with runs.run(dsn, "backfill", ["history"]) as run:
        ask(dsn, "UPDATE tradewind.runs SET total_files = 10 WHERE run_id = %(run)s", run=run.run_id)
        for _ in range(2):
            batch(dsn, run.run_id, "history", committed=True)
        batch(dsn, run.run_id, "history", committed=False)
        yield run.run_id


def batch(dsn: str, run_id: int, of: str, committed: bool) -> None:
    done = "2, 20, 18, 1, 0, 1, 0, now(), clock_timestamp()" if committed else "2" + ", NULL" * 8
    ask(
        dsn,
        "INSERT INTO tradewind.batches (run_id, feed, bytes, files, records, inserted, updated, unchanged, rejected, "
        f"quarantined, staged_at, committed_at) VALUES (%(run)s, %(feed)s, 10, {done})",
        run=run_id,
        feed=of,
    )


def test_a_run_tells_how_far_it_is(viewer: FlaskClient, backfill: int) -> None:
    told = viewer.get(f"/api/v1/runs/{backfill}").get_json()
    assert (told["kind"], told["state"], told["total_files"]) == ("backfill", "running", 10)
    progress = told["progress"]
    assert (progress["files"], progress["records"], progress["batches"], progress["done"]) == (4, 40, 2, 0.4)


def test_runs_come_newest_first_and_by_kind_state_and_feed(viewer: FlaskClient, dsn: str, backfill: int) -> None:
    with runs.run(dsn, "sweep", ["history"]) as sweep:
        pass
    assert [r["run_id"] for r in viewer.get("/api/v1/runs?feed=history").get_json()["runs"]] == [sweep.run_id, backfill]
    assert [r["run_id"] for r in viewer.get("/api/v1/runs?feed=history&state=running").get_json()["runs"]] == [backfill]
    assert [r["run_id"] for r in viewer.get("/api/v1/runs?feed=history&kind=sweep").get_json()["runs"]] == [
        sweep.run_id
    ]
    first = viewer.get("/api/v1/runs?feed=history&limit=1").get_json()
    rest = viewer.get("/api/v1/runs", query_string={"feed": "history", "cursor": first["next"]}).get_json()
    assert [r["run_id"] for r in rest["runs"]] == [backfill]


def test_batches_by_run_and_by_feed_in_pages(viewer: FlaskClient, backfill: int) -> None:
    for query in (f"run_id={backfill}", "feed=history", f"run_id={backfill}&feed=history"):
        first = viewer.get(f"/api/v1/batches?limit=2&{query}").get_json()
        rest = viewer.get(f"/api/v1/batches?limit=2&{query}&cursor={first['next']}").get_json()
        assert [b["records"] for b in first["batches"] + rest["batches"]] == [None, 20, 20]
        assert rest["next"] is None


def test_what_is_not_there_is_not_found(viewer: FlaskClient) -> None:
    assert viewer.get("/api/v1/runs/99999").status_code == viewer.get("/api/v1/runs/9999999999").status_code == 404
    assert viewer.get("/api/v1/batches?feed=nosuch").status_code == 404
    assert viewer.get("/api/v1/runs?feed=nosuch").status_code == 404


@pytest.fixture
def streamed(dsn: str) -> Iterator[dict[str, Any]]:
    """A feed with a stream that lives."""
    of = feed(dsn, "streamed")
    run = runs.Run(dsn, "stream", ["streamed"])
    yield {"run": run, "dsn": dsn}
    ask(dsn, "DELETE FROM tradewind.runs WHERE run_id = %(run)s", run=run.run_id)
    ask(dsn, "DELETE FROM tradewind.feeds WHERE feed = 'streamed'")
    ask(dsn, "DELETE FROM tradewind.datasets WHERE dataset_id = %(of)s", of=of)


def test_a_stream_that_lives_or_ended_in_order_is_not_missing(anonymous: FlaskClient, streamed: dict[str, Any]) -> None:
    assert anonymous.get("/readyz").status_code == 200
    streamed["run"].end("stopped")
    assert anonymous.get("/readyz").status_code == 200


def test_a_stream_that_failed_is_missing_until_its_feed_is_paused(
    anonymous: FlaskClient, streamed: dict[str, Any]
) -> None:
    streamed["run"].end("failed", "out of memory")
    answer = anonymous.get("/readyz")
    assert answer.status_code == 503
    assert "1 feed" in answer.get_json()["detail"]
    assert "streamed" not in answer.text  # names are for those with a token
    ask(streamed["dsn"], "UPDATE tradewind.feeds SET paused = true WHERE feed = 'streamed'")
    assert anonymous.get("/readyz").status_code == 200


def test_a_stream_whose_process_is_gone_is_missing(
    anonymous: FlaskClient, viewer: FlaskClient, streamed: dict[str, Any]
) -> None:
    streamed["run"]._connection.close()  # as the server sees a process that was killed
    deadline_reached = _until(lambda: anonymous.get("/readyz").status_code == 503)
    assert deadline_reached
    lost = viewer.get("/api/v1/runs?state=lost").get_json()["runs"]
    assert [run["run_id"] for run in lost] == [streamed["run"].run_id]


def _until(done: Any, within: float = 10) -> bool:
    import time

    deadline = time.monotonic() + within
    while not done():
        if time.monotonic() > deadline:
            return False
    return True
