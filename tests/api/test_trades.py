"""Trades: pages by key, CSV and Arrow streams, exact to the last digit and the nanosecond."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest
from flask.testing import FlaskClient

from api import asking, streams
from sinks import database
from tests.api.ledger import ask, feed, files, trades

DAY = {"dataset": "traded", "from": "2026-01-05"}
ROWS = 5000  # more than one batch of a stream


@pytest.fixture(scope="module", autouse=True)
def traded(dsn: str) -> int:
    """A dataset of 5,000 trades of one symbol and 7 of another; its number."""
    dataset_id = feed(dsn, "traded")
    file_id = files(dsn, "traded", 1, "loaded")[0]
    trades(dsn, dataset_id, file_id, ROWS)
    trades(dsn, dataset_id, file_id, 7, symbol="=ETH", venue="Y")
    return dataset_id


def pages(client: FlaskClient, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    asked = DAY | {"limit": 3} | asked
    while True:
        answer = client.get("/api/v1/trades", query_string=asked).get_json()
        found += answer["trades"]
        if answer["next"] is None:
            return found
        asked["cursor"] = answer["next"]


def test_a_trade_is_exact(viewer: FlaskClient) -> None:
    (trade,) = viewer.get("/api/v1/trades", query_string=DAY | {"limit": 1}).get_json()["trades"]
    assert (trade["trade_id"], trade["price"], trade["quantity"]) == ("T0001", "0.00000001", "12345678901234567890.5")
    assert (trade["event_time"], trade["trade_date"]) == ("2026-01-05T10:00:01.000000789Z", "2026-01-05")
    assert (trade["attributes"], trade["line"]) == ({"note": "a"}, 2)


def test_all_pages_together_are_all_trades_of_a_symbol_in_the_order_of_the_key(viewer: FlaskClient) -> None:
    assert [t["trade_id"] for t in pages(viewer, symbol="=ETH")] == [f"T000{n}" for n in range(1, 8)]
    assert len(pages(viewer, venue="X", limit=1000)) == ROWS
    both = [(t["trade_id"], t["symbol"]) for t in pages(viewer, limit=1000)]
    assert (len(both), both) == (ROWS + 7, sorted(both))


def test_other_days_are_empty_and_an_unknown_dataset_is_not_found(viewer: FlaskClient) -> None:
    assert pages(viewer, **{"from": "2026-01-06", "to": "2026-02-01"}) == []
    assert len(pages(viewer, **{"from": "2025-01-01", "to": "2027-01-01", "symbol": "=ETH"})) == 7
    assert viewer.get("/api/v1/trades", query_string=DAY | {"dataset": "no"}).status_code == 404


def test_without_a_day_nothing_is_read(viewer: FlaskClient) -> None:
    answer = viewer.get("/api/v1/trades?dataset=traded")
    assert answer.status_code == 422
    assert "from" in answer.get_json()["fields"]["query"]


def test_the_csv_has_every_trade_and_no_formula(viewer: FlaskClient) -> None:
    answer = viewer.get("/api/v1/trades.csv", query_string=DAY)
    header, *rows = csv.reader(io.StringIO(answer.text))
    assert (answer.mimetype, len(rows)) == ("text/csv", ROWS + 7)
    assert {row[header.index("symbol")] for row in rows} == {"BTC", "'=ETH"}
    one = next(row for row in rows if row[:2] == ["T0001", "BTC"])
    assert one[header.index("price")] == "0.00000001"


def test_a_negative_number_is_no_formula(viewer: FlaskClient, dsn: str) -> None:
    ask(dsn, "UPDATE tradewind.trades SET quantity = -1.5 WHERE trade_id = 'T0003' AND symbol = '=ETH'")
    rows = list(
        csv.DictReader(io.StringIO(viewer.get("/api/v1/trades.csv", query_string=DAY | {"symbol": "=ETH"}).text))
    )
    assert sorted(row["quantity"] for row in rows)[0] == "-1.5"


def test_the_arrow_stream_has_every_trade_to_the_nanosecond(viewer: FlaskClient) -> None:
    answer = viewer.get("/api/v1/trades.arrow", query_string=DAY | {"symbol": "BTC"})
    table = pa.ipc.open_stream(answer.data).read_all()
    assert table.num_rows == ROWS
    assert table.schema.field("event_time").type == pa.timestamp("ns", "UTC")
    place = table["trade_id"].to_pylist().index("T0001")
    one = table.drop_columns(["event_time"]).slice(place, 1).to_pylist()[0]  # Python's times end at microseconds
    assert (one["price"], one["quantity"]) == ("0.00000001", "12345678901234567890.5")
    assert table["event_time"].cast(pa.int64())[place].as_py() % 1000 == 789


@pytest.mark.parametrize("ending", ["csv", "arrow"])
def test_a_stream_of_nothing_is_whole(viewer: FlaskClient, ending: str) -> None:
    answer = viewer.get(f"/api/v1/trades.{ending}", query_string=DAY | {"symbol": "none"})
    assert answer.status_code == 200
    if ending == "arrow":
        assert pa.ipc.open_stream(answer.data).read_all().num_rows == 0
    else:
        assert answer.text.splitlines()[0].startswith("trade_id,symbol,venue")


def test_a_stream_holds_few_rows_and_gives_its_connection_back(
    viewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    rest = streams._rest

    def counted(*arguments: Any) -> Any:
        for rows in rest(*arguments):
            seen.append(len(rows))
            yield rows

    monkeypatch.setattr(streams, "_rest", counted)
    for _ in range(40):  # more than the pool has connections
        answer = viewer.get("/api/v1/trades.csv", query_string=DAY, buffered=False)
        next(iter(answer.response))
        answer.close()
    assert len(viewer.get("/api/v1/trades.csv", query_string=DAY).data) > 100_000
    assert max(seen) == streams.AT_ONCE


def test_a_question_that_takes_too_long_is_given_up_with_a_way_out(
    viewer: FlaskClient, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PATIENCE", timedelta(milliseconds=50))
    connection = database.connect(dsn)
    with database.transaction(connection) as cursor:
        cursor.execute("LOCK TABLE tradewind.trades IN ACCESS EXCLUSIVE MODE")
        answer = viewer.get("/api/v1/trades", query_string=DAY)
    connection.close()
    assert answer.status_code == 503
    assert "too long" in answer.get_json()["detail"]
    assert "fewer days" in answer.get_json()["cure"]


def test_trades_are_chosen_by_id_side_status_and_time(viewer: FlaskClient, dsn: str, traded: int) -> None:
    ask(dsn, "UPDATE tradewind.trades SET side = NULL, status = 'cancelled' "
        "WHERE trade_id = 'T0005' AND venue = 'Y' AND dataset_id = %(dataset)s", dataset=traded)  # fmt: skip
    window = {"since": "2026-01-05T10:00:03Z", "until": "2026-01-05T12:00:05+02:00"}
    assert [t["symbol"] for t in pages(viewer, trade_id="T0007")] == ["=ETH", "BTC"]
    assert [t["trade_id"] for t in pages(viewer, venue="Y", **window)] == ["T0003", "T0004"]
    assert [t["trade_id"] for t in pages(viewer, side="unknown")] == ["T0005"]
    assert [t["side"] for t in pages(viewer, status="cancelled")] == [None]
    assert len(pages(viewer, venue="Y", side="buy", status="new")) == 6
    rows = viewer.get("/api/v1/trades.csv", query_string=DAY | {"side": "unknown"}).text.splitlines()
    assert len(rows) == 2
    assert viewer.get("/api/v1/trades", query_string=DAY | {"side": "long"}).status_code == 422


@pytest.fixture(scope="module")
def corrected(dsn: str) -> dict[str, int]:
    """T0001 of Y was corrected within its day, then moved to the next, and cancelled there by line 13 of a file."""
    dataset_id = feed(dsn, "corrected")
    old, new, end = files(dsn, "corrected", 3, "loaded", "file:///corrected")
    for symbol, venue in (("BTC", "X"), ("ETH", "Y")):
        trades(dsn, dataset_id, old, 2, symbol=symbol, venue=venue)
    ask(dsn, "UPDATE tradewind.files SET split_lines = '{10,5}' WHERE file_id = %(end)s", end=end)
    for reason, moved, by in (("corrected", None, new), ("corrected", "2026-01-06", end)):
        ask(dsn, "INSERT INTO tradewind.trade_revisions (replaced_at, replaced_by, reason, moved_to, event_time, "
            "recorded_at, file_id, dataset_id, trade_date, split, line, event_nanos, status, trade_id, symbol, venue, "
            "price, quantity) VALUES (now(), %(by)s, %(reason)s, %(moved)s, '2026-01-05T10:00Z', now(), %(old)s, "
            "%(dataset)s, '2026-01-05', 0, 4, 789, 'new', 'T0001', 'ETH', 'Y', 0.10, 1)",
            reason=reason, moved=moved, by=by, old=old, dataset=dataset_id)  # fmt: skip
    ask(dsn, "UPDATE tradewind.trades SET trade_date = '2026-01-06', file_id = %(end)s, status = 'cancelled', "
        "cancelled_by = %(end)s, cancelled_split = 1, cancelled_line = 3 "
        "WHERE trade_id = 'T0001' AND venue = 'Y' AND dataset_id = %(dataset)s",
        end=end, dataset=dataset_id)  # fmt: skip
    return {"old": old, "new": new, "end": end}


def test_the_history_of_a_trade_is_told_from_any_date_that_it_had(
    viewer: FlaskClient, corrected: dict[str, int]
) -> None:
    asked = {"dataset": "corrected", "trade_id": "T0001", "symbol": "ETH", "venue": "Y"}
    for day in ("2026-01-05", "2026-01-06"):
        told = viewer.get("/api/v1/trades/history", query_string=asked | {"trade_date": day}).get_json()
        (now,) = told["trades"]
        assert (now["trade_date"], now["status"], now["uri"]) == (
            "2026-01-06",
            "cancelled",
            "file:///corrected/000003.csv",
        )
        assert (now["cancelled_by"], now["cancelled_line"]) == (corrected["end"], 13)
        assert [(r["moved_to"], r["replaced_by"]) for r in told["revisions"]] == [
            ("2026-01-06", corrected["end"]), (None, corrected["new"]),
        ]  # fmt: skip
        assert {(r["price"], r["line"], r["file_id"]) for r in told["revisions"]} == {("0.10", 4, corrected["old"])}


def test_a_day_that_a_trade_never_had_tells_nothing_and_an_id_alone_tells_all(
    viewer: FlaskClient, corrected: dict[str, int]
) -> None:
    asked = {"dataset": "corrected", "trade_id": "T0001"}
    none = viewer.get("/api/v1/trades/history", query_string=asked | {"trade_date": "2026-03-01"}).get_json()
    assert none == {"trades": [], "revisions": []}
    both = viewer.get("/api/v1/trades/history", query_string=asked).get_json()
    assert [(t["symbol"], t["trade_date"]) for t in both["trades"]] == [("ETH", "2026-01-06"), ("BTC", "2026-01-05")]
    assert viewer.get("/api/v1/trades/history", query_string=asked | {"dataset": "no"}).status_code == 404
