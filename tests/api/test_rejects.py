"""Rejects as pages and as CSV in which no cell is a formula."""

from __future__ import annotations

import csv
import io

import pytest
from flask.testing import FlaskClient

from tests.api.ledger import ask, feed, files, rejects

FORMULAS = ["=1+1", "+x", "-x,y", "@x", "\tx", "\rx", "\nx", '="q"', "＝1+1", "＋x", "－x,y", "＠x"]
RAWS = [*FORMULAS, 'plain, with "quotes"\nand a line', "1,=2"]


@pytest.fixture(scope="module")
def rejected(dsn: str) -> list[int]:
    """Three files of a feed, oldest first: fourteen, none and 3 rejects; and one of another feed."""
    feed(dsn, "with rejects")
    feed(dsn, "other")
    ids = files(dsn, "with rejects", 3, "loaded")
    rejects(dsn, ids[0], RAWS)
    rejects(dsn, ids[2], ["a", "b", "c"])
    rejects(dsn, files(dsn, "other", 1, "loaded")[0], ["z"])
    return ids


def pages(client: FlaskClient, address: str) -> list[tuple[int, int]]:
    found, cursor = [], None
    while True:
        answer = client.get(address, query_string={"limit": 3} | ({"cursor": cursor} if cursor else {})).get_json()
        found += [(row["file_id"], row["line"]) for row in answer["rejects"]]
        cursor = answer["next"]
        if cursor is None:
            return found


def test_rejects_of_a_feed_come_newest_file_first(viewer: FlaskClient, rejected: list[int]) -> None:
    old, _, new = rejected
    wanted = [(new, n) for n in (2, 3, 4)] + [(old, n) for n in range(2, 2 + len(RAWS))]
    assert pages(viewer, "/api/v1/feeds/with rejects/rejects") == wanted


def test_rejects_of_a_file_come_in_the_order_of_its_lines(viewer: FlaskClient, rejected: list[int]) -> None:
    assert pages(viewer, f"/api/v1/files/{rejected[0]}/rejects") == [(rejected[0], n) for n in range(2, 2 + len(RAWS))]
    row = viewer.get(f"/api/v1/files/{rejected[0]}/rejects").get_json()["rejects"][0]
    assert (row["column_name"], row["reason"], row["raw"]) == ("price", "is no number", "=1+1")


def test_no_cell_of_the_download_is_a_formula(viewer: FlaskClient, rejected: list[int]) -> None:
    answer = viewer.get(f"/api/v1/files/{rejected[0]}/rejects.csv")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    header, *rows = csv.reader(io.StringIO(answer.text, newline=""))
    raws = [row[header.index("raw")] for row in rows]
    assert raws == [f"'{raw}" for raw in FORMULAS] + RAWS[len(FORMULAS) :]
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")) for row in rows for cell in row
    )


def test_the_download_of_a_feed_names_each_file(viewer: FlaskClient, rejected: list[int]) -> None:
    header, *rows = csv.reader(io.StringIO(viewer.get("/api/v1/feeds/with rejects/rejects.csv").text, newline=""))
    assert len(rows) == 3 + len(RAWS)
    assert {row[header.index("uri")] for row in rows} == {"file:///in/000001.csv", "file:///in/000003.csv"}


def test_reasons_are_counted_without_what_they_quote(viewer: FlaskClient, dsn: str) -> None:
    feed(dsn, "reasons")
    old, new = files(dsn, "reasons", 2, "loaded")
    for file_id in (old, new):
        rejects(dsn, file_id, ["a", "b", "c"])
        ask(
            dsn,
            'UPDATE tradewind.rejects SET reason = \'price "\' || raw || \'\\"" is "odd"\' '
            "WHERE file_id = %(id)s AND line < 4",
            id=file_id,
        )
    told = viewer.get("/api/v1/feeds/reasons/rejects/reasons").get_json()
    assert told["counted"] == 6
    assert [(one["reason"], one["rejects"], one["files"], one["file_id"]) for one in told["reasons"]] == [
        ('price "…" is "…"', 4, 2, new), ("is no number", 2, 2, new),
    ]  # fmt: skip
    assert len(viewer.get("/api/v1/feeds/reasons/rejects/reasons?limit=1").get_json()["reasons"]) == 1


def test_a_feed_without_rejects_has_no_reasons(viewer: FlaskClient, dsn: str) -> None:
    feed(dsn, "clean")
    assert viewer.get("/api/v1/feeds/clean/rejects/reasons").get_json() == {"counted": 0, "reasons": []}


@pytest.mark.parametrize("ending", ["", ".csv", "/reasons"])
def test_what_is_not_there_is_not_found(viewer: FlaskClient, ending: str) -> None:
    assert viewer.get(f"/api/v1/feeds/nosuch/rejects{ending}").status_code == 404
    assert viewer.get(f"/api/v1/files/999999/rejects{ending}").status_code == 404
