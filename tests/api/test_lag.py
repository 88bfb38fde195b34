"""Freshness, completeness, reconciliations."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from api import asking
from sinks import database
from tests.api.ledger import ask, feed, files


def test_freshness_tells_how_long_files_took_that_were_seen_lately(viewer: FlaskClient, dsn: str) -> None:
    feed(dsn, "fresh")
    at = datetime.now(UTC) - timedelta(minutes=30)
    files(dsn, "fresh", 10, "loaded", at=at)
    files(dsn, "fresh", 5, "loaded", "file:///old", at=at - timedelta(days=3))
    files(dsn, "fresh", 1, "discovered", "file:///new", at=at)
    (told,) = viewer.get("/api/v1/freshness?feed=fresh").get_json()["feeds"]
    assert (told["files"], told["seen_p50_seconds"], told["seen_p99_seconds"]) == (10, 2.0, 2.0)
    assert 1790 < told["freshness_seconds"] < 2000
    assert datetime.fromisoformat(told["oldest_owed"]) == at
    (longer,) = viewer.get("/api/v1/freshness?feed=fresh&hours=100").get_json()["feeds"]
    assert longer["files"] == 15


def test_a_file_that_was_owed_again_is_no_measure(viewer: FlaskClient, dsn: str) -> None:
    feed(dsn, "again")
    ids = files(dsn, "again", 2, "loaded", at=datetime.now(UTC) - timedelta(minutes=1))
    ask(dsn, "UPDATE tradewind.files SET registrations = 2 WHERE file_id = %(id)s", id=ids[0])
    (told,) = viewer.get("/api/v1/freshness?feed=again").get_json()["feeds"]
    assert told["files"] == 1


def test_completeness_adds_up_files_and_books_of_each_day(viewer: FlaskClient, dsn: str) -> None:
    feed(dsn, "days")
    files(dsn, "days", 3, "loaded", at="2026-03-01T12:00Z")
    files(dsn, "days", 1, "quarantined", "file:///bad", at="2026-03-01T12:00Z")
    files(dsn, "days", 2, "discovered", "file:///new", at="2026-03-03T12:00Z")
    files(dsn, "days", 1, "loaded", "file:///before", at="2026-02-01T12:00Z")
    asked = {"feed": "days", "to": "2026-03-03", "days": 30}
    days = viewer.get("/api/v1/completeness", query_string=asked).get_json()["days"]
    assert [(d["day"], d["files"], d["loaded"], d["quarantined"], d["owed"], d["inserted"]) for d in days] == [
        ("2026-03-03", 2, 0, 0, 2, 0), ("2026-03-01", 4, 3, 1, 0, 21),
    ]  # fmt: skip
    first = viewer.get("/api/v1/completeness", query_string=asked | {"limit": 1}).get_json()
    rest = viewer.get("/api/v1/completeness", query_string=asked | {"limit": 1, "cursor": first["next"]}).get_json()
    assert [d["day"] for d in first["days"] + rest["days"]] == ["2026-03-03", "2026-03-01"]
    assert rest["next"] is None


def test_completeness_ends_at_the_newest_day_there_is_unless_told(viewer: FlaskClient, dsn: str) -> None:
    feed(dsn, "history")
    for day in ("2017-08-01", "2017-07-05", "2017-07-02", "2016-01-01"):
        files(dsn, "history", 1, "loaded", f"file:///{day}", at=f"{day}T12:00Z")
    told = viewer.get("/api/v1/completeness?feed=history").get_json()["days"]
    assert [d["day"] for d in told] == ["2017-08-01", "2017-07-05"]


def test_a_day_that_comes_between_two_pages_moves_nothing(viewer: FlaskClient, dsn: str) -> None:
    feed(dsn, "moved")
    for day in ("2017-08-03", "2017-08-02", "2017-07-05"):
        files(dsn, "moved", 1, "loaded", f"file:///{day}", at=f"{day}T12:00Z")
    asked: dict[str, str | int] = {"feed": "moved", "limit": 1}
    first = viewer.get("/api/v1/completeness", query_string=asked).get_json()
    files(dsn, "moved", 1, "loaded", "file:///newer", at="2017-08-20T12:00Z")
    rest = viewer.get("/api/v1/completeness", query_string=asked | {"limit": 9, "cursor": first["next"]}).get_json()
    assert [d["day"] for d in first["days"] + rest["days"]] == ["2017-08-03", "2017-08-02", "2017-07-05"]


def test_completeness_of_all_feeds_goes_on_with_the_next_one(viewer: FlaskClient, dsn: str) -> None:
    for name in ("page-a", "page-b"):
        feed(dsn, name)
        files(dsn, name, 1, "loaded", f"file:///{name}", at="1999-08-01T12:00Z")
        files(dsn, name, 1, "loaded", f"file:///{name}/2", at="1999-08-02T12:00Z")
    asked, found = {"to": "1999-08-03", "limit": "1"}, []
    for _ in range(4):
        page = viewer.get("/api/v1/completeness", query_string=asked).get_json()
        found += [(d["feed"], d["day"]) for d in page["days"]]
        asked["cursor"] = page["next"]
    assert found == [(name, f"1999-08-0{n}") for name in ("page-a", "page-b") for n in (2, 1)]
    assert page["next"] is None


def test_sweeps_are_told_newest_first(viewer: FlaskClient, dsn: str) -> None:
    feed(dsn, "swept")
    for missed in range(3):
        ask(
            dsn,
            "INSERT INTO tradewind.reconciliations (feed, started_at, ended_at, objects, missed) "
            "VALUES ('swept', now(), now(), 10, %(missed)s)",
            missed=missed,
        )
    first = viewer.get("/api/v1/reconciliations?feed=swept&limit=2").get_json()
    rest = viewer.get(f"/api/v1/reconciliations?feed=swept&cursor={first['next']}").get_json()
    assert [r["missed"] for r in first["reconciliations"] + rest["reconciliations"]] == [2, 1, 0]


def test_a_feed_that_there_is_none_of_is_not_found(viewer: FlaskClient) -> None:
    for resource in ("freshness", "completeness", "reconciliations"):
        assert viewer.get(f"/api/v1/{resource}?feed=nosuch").status_code == 404


@pytest.mark.parametrize(
    ("table", "address"),
    [
        ("files", "/api/v1/completeness"),
        ("feeds", "/api/v1/feeds"),
        ("feeds", "/api/v1/summary"),
        ("feeds", "/api/v1/feeds/spot"),
        ("tokens", "/api/v1/runs"),
    ],
)
def test_a_question_that_took_too_long_says_when_to_ask_again(
    viewer: FlaskClient, dsn: str, monkeypatch: pytest.MonkeyPatch, table: str, address: str
) -> None:
    monkeypatch.setattr(asking, "PATIENCE", timedelta(seconds=0.2))
    locking = database.connect(dsn)
    with closing(locking), locking.cursor() as cursor:
        cursor.execute(f"LOCK TABLE tradewind.{table} IN ACCESS EXCLUSIVE MODE")
        answer = viewer.get(address)
        locking.rollback()
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "10")
    assert "fewer days" in answer.get_json()["cure"]
