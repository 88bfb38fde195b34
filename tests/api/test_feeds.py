"""What feeds are, by the configuration and by the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from api.app import create_app
from sinks import runs
from streaming.settings import Settings
from tests.api.ledger import ask, feed


@pytest.fixture(scope="module")
def app(dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIFlask]:
    state: Path = tmp_path_factory.mktemp("state")
    feeds = {
        "new": {"source": "s3a://bucket/new/", "profile": "tardis-trades", "dataset": "all"},
        "moved": {"source": "s3a://bucket/moved/", "profile": "tardis-trades", "discovery": "listing"},
    }
    told = {"database": {"url": dsn}, "state": {"dir": str(state)}, "feeds": feeds}
    made = create_app(Settings.model_validate(told), dsn)
    yield made
    made.extensions["tradewind"].pool.close()


def test_feeds_are_those_of_the_configuration_and_those_of_the_ledger(viewer: FlaskClient, dsn: str) -> None:
    feed(dsn, "moved")
    feed(dsn, "old")
    told = {row["feed"]: row for row in viewer.get("/api/v1/feeds").get_json()["feeds"]}
    assert list(told) == ["moved", "new", "old"]
    assert [(t["configured"], t["discovery"], t["source"], t["dataset"]) for t in told.values()] == [
        (True, "listing", "s3://bucket/moved/", "moved"),
        (True, "sweep", "s3://bucket/new/", "all"),
        (False, None, "file:///in/", "old"),
    ]
    assert [t["updated_at"] is None for t in told.values()] == [False, True, False]


def test_a_stream_runs_or_is_missing_or_is_not_expected(viewer: FlaskClient, dsn: str) -> None:
    for name in ("alive", "gone", "paused", "ended", "loaded"):
        feed(dsn, name)
    with runs.run(dsn, "stream", ["alive", "ended"]), runs.run(dsn, "backfill", ["loaded"]):
        for name, state in (("gone", "running"), ("paused", "failed"), ("ended", "done")):
            ask(
                dsn,
                "INSERT INTO tradewind.runs (kind, feeds, host, pid, state) "
                "VALUES ('stream', ARRAY[%(name)s], 'h', 1, %(state)s)",
                name=name,
                state=state,
            )
        ask(dsn, "UPDATE tradewind.feeds SET paused = true WHERE feed = 'paused'")
        told = {row["feed"]: row["stream"] for row in viewer.get("/api/v1/feeds").get_json()["feeds"]}
    wanted = {"alive": "running", "gone": "missing", "paused": None, "ended": None, "loaded": None, "new": None}
    assert {name: told[name] for name in wanted} == wanted
