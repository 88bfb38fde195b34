"""Files as the API tells them: filters, pages by key, and everything of one."""

from __future__ import annotations

from itertools import chain
from typing import Any

import pytest
from flask.testing import FlaskClient
from psycopg2 import sql

from api.asking import rows
from sinks import database, ledger
from tests.api.ledger import ask, feed, files, rejects


@pytest.fixture(scope="module")
def filled(dsn: str) -> dict[str, list[int]]:
    """Two feeds; the ids of their files by feed and state."""
    feed(dsn, "spot")
    feed(dsn, "perp")
    return {
        "spot loaded": files(dsn, "spot", 25, "loaded"),
        "spot quarantined": files(dsn, "spot", 2, "quarantined", "file:///in/bad", reason="cut off"),
        "perp loaded": files(dsn, "perp", 5, "loaded", "file:///perp", at="2026-01-06T10:00Z"),
        "spot discovered": files(dsn, "spot", 3, "discovered", "file:///in/new", at="2026-01-07T10:00Z"),
    }


def ids(client: FlaskClient, query: str = "", **asked: Any) -> list[int]:
    """The ids of all pages."""
    found: list[int] = []
    asked = {"limit": 4, **asked}
    while True:
        answer = client.get("/api/v1/files", query_string=asked)
        assert answer.status_code == 200, answer.text
        found += [row["file_id"] for row in answer.get_json()["files"]]
        if answer.get_json()["next"] is None:
            return found
        assert len(answer.get_json()["files"]) == asked["limit"]
        asked["cursor"] = answer.get_json()["next"]


def test_all_pages_together_are_all_files_newest_first(viewer: FlaskClient, filled: dict[str, list[int]]) -> None:
    assert ids(viewer) == sorted(chain(*filled.values()), reverse=True)


@pytest.mark.parametrize("state", ["loaded", "quarantined", "discovered"])
def test_files_of_one_state_in_one_feed(viewer: FlaskClient, filled: dict[str, list[int]], state: str) -> None:
    assert ids(viewer, feed="spot", state=state) == filled[f"spot {state}"][::-1]


def test_files_of_a_feed_are_those_of_all_its_states(viewer: FlaskClient, filled: dict[str, list[int]]) -> None:
    wanted = [i for name, of in filled.items() if name.startswith("spot") for i in of]
    assert ids(viewer, feed="spot") == sorted(wanted, reverse=True)


def test_files_of_a_state_are_those_of_all_feeds(viewer: FlaskClient, filled: dict[str, list[int]]) -> None:
    assert ids(viewer, state="loaded") == sorted(filled["spot loaded"] + filled["perp loaded"], reverse=True)


def test_below_a_prefix_the_order_is_that_of_names(viewer: FlaskClient, filled: dict[str, list[int]]) -> None:
    wanted = filled["spot loaded"] + filled["spot quarantined"] + filled["spot discovered"]  # 0… before bad before new
    assert ids(viewer, prefix="file:///in/") == wanted
    assert ids(viewer, prefix="file:///in/", state="quarantined") == filled["spot quarantined"]
    assert ids(viewer, prefix="file:///in/", feed="perp") == []


def test_signs_of_a_prefix_stand_for_themselves(viewer: FlaskClient, filled: dict[str, list[int]]) -> None:
    assert ids(viewer, prefix="file:///in/%") == ids(viewer, prefix="file:///_n/") == []


def test_a_time_takes_its_beginning_and_leaves_its_end(viewer: FlaskClient, filled: dict[str, list[int]]) -> None:
    window = {"from": "2026-01-06T10:00:00Z", "to": "2026-01-07T10:00:00Z"}
    assert ids(viewer, **window) == filled["perp loaded"][::-1]
    assert ids(viewer, **window, prefix="file:///") == filled["perp loaded"]
    assert ids(viewer, **{"from": "2026-01-07T10:00:00Z"}) == filled["spot discovered"][::-1]
    assert ids(viewer, **{"from": "2027-01-01T00:00:00Z"}) == []


def test_files_are_told_by_who_saw_them_first(viewer: FlaskClient, dsn: str, filled: dict[str, list[int]]) -> None:
    told = filled["perp loaded"][:2]
    ask(dsn, "UPDATE tradewind.files SET seen_by = 'events' WHERE file_id = ANY(%(told)s)", told=told)
    assert ids(viewer, seen_by="events") == told[::-1]
    assert ids(viewer, seen_by="events", prefix="file:///perp/") == told
    assert ids(viewer, seen_by="events", feed="spot") == []
    assert ids(viewer, seen_by="sweep", feed="perp", state="loaded") == filled["perp loaded"][:1:-1]
    assert viewer.get("/api/v1/files?seen_by=nobody").status_code == 422


def test_a_name_that_cannot_be_meant_is_refused(viewer: FlaskClient, filled: dict[str, list[int]]) -> None:
    assert viewer.get("/api/v1/files?feed=nosuch").status_code == 404
    answer = viewer.get("/api/v1/files?state=lost")
    assert answer.status_code == 422
    assert "state" in answer.get_json()["fields"]["query"]
    answer = viewer.get("/api/v1/files?stat=loaded")
    assert answer.status_code == 422
    assert answer.get_json()["fields"]["query"] == {"stat": ["Unknown field."]}
    assert viewer.get("/api/v1/summary?verbose=1").status_code == 422
    assert viewer.get("/api/v1/files?limit=1&limit=2").get_json()["fields"]["query"] == {"limit": ["Given twice."]}
    assert viewer.get("/api/v1/files?prefix=%00").status_code == 422
    assert viewer.get("/api/v1/feeds/%00").status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [(b'{"token": "\\ud800"}', 422), (b'{"token": "a\\u0000"}', 422), (b"[" * 100_000, 400), (b'{"token"', 400)],
    ids=["half a pair", "NUL", "deep", "cut off"],
)
def test_a_body_that_no_database_holds_is_refused(anonymous: FlaskClient, body: bytes, status: int) -> None:
    answer = anonymous.post("/api/v1/session", data=body, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_a_zone_and_a_calendar_may_be_at_their_ends(viewer: FlaskClient, filled: dict[str, list[int]]) -> None:
    window = {"from": "2026-01-07T21:00:00+16:00", "to": "9999-12-31T23:00:00-23:00"}
    assert ids(viewer, **window) == filled["spot discovered"][::-1]
    assert ids(viewer, to="0001-01-01T00:00:00+23:59") == []


@pytest.mark.parametrize("cursor", ["x", "WyJmaWxlcyIsIngiXQ", "WyJmaWxlcyIsLTFd", "W10", "eyJhIjoxfQ", "%F0%9F%98%80"])
def test_a_cursor_that_no_page_gave_is_refused_by_name(viewer: FlaskClient, cursor: str) -> None:
    answer = viewer.get(f"/api/v1/files?cursor={cursor}")
    assert (answer.status_code, answer.get_json()["fields"]) == (
        404,
        {"query": {"cursor": ["Not a cursor of this listing."]}},
    )


def test_a_cursor_of_another_order_is_refused(viewer: FlaskClient, filled: dict[str, list[int]]) -> None:
    cursor = viewer.get("/api/v1/files?limit=1").get_json()["next"]
    assert viewer.get(f"/api/v1/files?prefix=file&cursor={cursor}").status_code == 404


def test_a_file_has_the_fields_of_the_command(viewer: FlaskClient, dsn: str, filled: dict[str, list[int]]) -> None:
    connection = database.connect(dsn)
    (told,) = ledger.rows(connection, "files", feed="perp", state=None, uri=None, limit=1)
    connection.close()
    (row,) = viewer.get("/api/v1/files?feed=perp&limit=1").get_json()["files"]
    assert set(row) == set(told)


def test_one_file_tells_its_way_its_versions_and_its_rejects(viewer: FlaskClient, dsn: str) -> None:
    feed(dsn, "one")
    (old,) = files(dsn, "one", 1, "superseded", version="v1")
    (new,) = files(dsn, "one", 1, "loaded", version="v2", at="2026-01-06T10:00Z")
    rejects(dsn, new, ["a", "b"])
    told = viewer.get(f"/api/v1/files/{new}").get_json()
    assert [(s["state"], s["at"][:19]) for s in told["timeline"]] == [
        ("discovered", "2026-01-06T10:00:00"), ("loaded", "2026-01-06T10:00:02"),
    ]  # fmt: skip
    assert sorted((v["file_id"], v["state"]) for v in told["versions"]) == [(old, "superseded"), (new, "loaded")]
    assert [(r["line"], r["raw"]) for r in told["rejects"]["rejects"]] == [(2, "a"), (3, "b")]
    assert (told["dataset"], told["rejected"], told["records"]) == ("one", 2, 10)


def test_the_timeline_holds_what_went_wrong_with_its_reason(viewer: FlaskClient, dsn: str) -> None:
    feed(dsn, "timed")
    (file_id,) = files(dsn, "timed", 1)
    for state in ("loading", "quarantined", "discovered", "loading"):
        ask(dsn, "UPDATE tradewind.files SET state = %(state)s, reason = %(reason)s, state_at = clock_timestamp() "
            "WHERE file_id = %(file_id)s", state=state, file_id=file_id,
            reason="cut off" if state == "quarantined" else None)  # fmt: skip
    told = viewer.get(f"/api/v1/files/{file_id}").get_json()["timeline"]
    assert [(s["state"], s["reason"]) for s in told] == [
        ("discovered", None), ("quarantined", "cut off"), ("discovered", None), ("loading", None),
    ]  # fmt: skip


@pytest.mark.parametrize("file_id", ["999999999", "0", "-1", "99999999999999999999", "x"])
def test_a_file_that_is_not_there_is_not_found(viewer: FlaskClient, file_id: str) -> None:
    assert viewer.get(f"/api/v1/files/{file_id}").status_code == 404


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"feed": "many 3"},
        {"state": "loaded"},
        {"state": "quarantined"},
        {"feed": "many 3", "state": "loaded"},
        {"prefix": "file:///many/"},
        {"prefix": "file:///many/", "feed": "many 3"},
    ],
    ids=str,
)
def test_a_page_deep_down_reads_no_more_than_the_first(
    viewer: FlaskClient, many: int, monkeypatch: pytest.MonkeyPatch, asked: dict[str, str]
) -> None:
    first, cursor = _read(viewer, monkeypatch, asked | {"limit": "20"})
    for _ in range(3):
        cursor = viewer.get("/api/v1/files", query_string=asked | {"limit": "300", "cursor": cursor}).get_json()["next"]
        deep, _ = _read(viewer, monkeypatch, asked | {"limit": "20", "cursor": cursor})
        assert deep < first + 50
        assert deep < many / 5


@pytest.fixture(scope="module")
def many(dsn: str) -> int:
    """20,000 files of five feeds, a tenth of them quarantined; how many pages they take."""
    for number in range(5):
        feed(dsn, f"many {number}")
        files(dsn, f"many {number}", 3600, "loaded", f"file:///many/{number}")
        files(dsn, f"many {number}", 400, "quarantined", f"file:///many/bad/{number}")
    database.execute_alone(dsn, "VACUUM ANALYZE tradewind.files")
    (row,) = ask(dsn, "SELECT relpages FROM pg_class WHERE oid = 'tradewind.files'::regclass")
    return int(row["relpages"])


def _read(client: FlaskClient, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]) -> tuple[int, str]:
    """How many pages of the disk the answer's statement looked at; the next cursor."""
    told: list[int] = []

    def explained(statement: Any, **values: object) -> list[dict[str, Any]]:
        plan = rows(sql.SQL("EXPLAIN (ANALYZE, FORMAT JSON, BUFFERS) ") + statement, **values)[0]["QUERY PLAN"]
        told.append(plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"])
        return rows(statement, **values)

    with monkeypatch.context() as patch:
        patch.setattr("api.files.rows", explained)
        answer = client.get("/api/v1/files", query_string=asked).get_json()
    return sum(told), answer["next"]
