"""What a feed did over time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.history import MOST, STEPS, step_of
from sinks import runs
from tests.api.ledger import ask, feed, files


@pytest.fixture(scope="module")
def run(dsn: str) -> Iterator[int]:
    with runs.run(dsn, "stream", ["past"]) as run:
        yield run.run_id


def batch(dsn: str, run: int, of: str, committed_at: datetime | None, took: timedelta = timedelta(seconds=1)) -> None:
    """Two files of 20 records."""
    begun = (committed_at or datetime.now(UTC)) - took
    ask(
        dsn,
        "INSERT INTO tradewind.batches (run_id, feed, bytes, files, records, inserted, updated, unchanged, rejected, "
        "quarantined, started_at, committed_at) VALUES (%(run)s, %(of)s, 10, 2, 20, 17, 1, 1, 1, 0, %(begun)s, %(at)s)",
        run=run, of=of, begun=begun, at=committed_at,
    )  # fmt: skip


def steps(client: FlaskClient, feed: str, minutes: int) -> list[dict[str, Any]]:
    told = client.get(f"/api/v1/feeds/{feed}/history?minutes={minutes}").get_json()
    found: list[dict[str, Any]] = told["steps"]
    assert all(told["since"] <= one["at"] <= told["until"] for one in found)
    return found


def test_what_was_committed_is_added_up_by_steps(viewer: FlaskClient, dsn: str, run: int) -> None:
    for name in ("past", "another"):
        feed(dsn, name)
    now = datetime.now(UTC)
    half_past = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)
    for back in (timedelta(hours=30), timedelta(hours=3), timedelta(hours=3)):
        batch(dsn, run, "past", half_past - back + timedelta(seconds=5))
    batch(dsn, run, "another", now - timedelta(hours=2))
    batch(dsn, run, "past", now)
    batch(dsn, run, "past", None)
    told = [(one["batches"], one["files"], one["records"], one["inserted"]) for one in steps(viewer, "past", 1440)]
    assert told == [(2, 4, 40, 34), (1, 2, 20, 17)]
    assert sum(one["batches"] for one in steps(viewer, "past", 2880)) == 4
    assert sum(one["batches"] for one in steps(viewer, "past", 60)) == 1
    assert steps(viewer, "past", 60)[0]["seen_p50_seconds"] is None


def test_a_batch_that_began_before_the_window_counts_where_it_was_committed(
    viewer: FlaskClient, dsn: str, run: int
) -> None:
    feed(dsn, "slow")
    batch(dsn, run, "slow", datetime.now(UTC) - timedelta(minutes=1), took=timedelta(minutes=20))
    assert [one["batches"] for one in steps(viewer, "slow", 10)] == [1]


def test_lag_is_told_in_the_step_in_which_files_were_first_seen(viewer: FlaskClient, dsn: str) -> None:
    feed(dsn, "lag")
    at = datetime.now(UTC) - timedelta(minutes=30)
    files(dsn, "lag", 10, "loaded", at=at)
    files(dsn, "lag", 5, "loaded", "file:///old", at=at - timedelta(hours=3))
    files(dsn, "lag", 1, "discovered", "file:///new", at=at)
    again = files(dsn, "lag", 1, "loaded", "file:///again", at=at)
    ask(dsn, "UPDATE tradewind.files SET registrations = 2 WHERE file_id = %(id)s", id=again[0])
    (told,) = steps(viewer, "lag", 60)
    assert (told["seen"], told["seen_p50_seconds"], told["seen_p99_seconds"], told["batches"]) == (10, 2.0, 2.0, 0)


def test_a_feed_without_a_past_has_no_steps(viewer: FlaskClient, dsn: str) -> None:
    feed(dsn, "blank")
    assert steps(viewer, "blank", 60) == []
    assert viewer.get("/api/v1/feeds/nothing/history").status_code == 404


def test_a_window_has_no_more_steps_than_a_chart_has_room_for() -> None:
    for minutes in (5, 10, 60, 360, 1440, 10_080):
        window = timedelta(minutes=minutes)
        assert window / step_of(window) <= MOST
    assert step_of(timedelta(days=31)).total_seconds() == STEPS[-1]


def test_steps_begin_at_the_same_moments_whenever_one_asks(viewer: FlaskClient, dsn: str) -> None:
    feed(dsn, "steady")
    told = viewer.get("/api/v1/feeds/steady/history?minutes=1440").get_json()
    since = datetime.fromisoformat(told["since"])
    assert since.timestamp() % told["step_seconds"] == 0
