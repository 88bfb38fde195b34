"""Trades by dataset and date: pages as JSON, the whole as a CSV or Arrow stream, one with its earlier states."""

from __future__ import annotations

from datetime import date
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Date, Dict, List, Nested, String
from apiflask.schemas import FileSchema
from apiflask.validators import OneOf
from flask import Response
from psycopg2 import sql

from api.arrow import download as arrow_download
from api.asking import one, rows
from api.fields import count, day, time, word
from api.inputs import Moment, Page, text
from api.pages import cut, key
from api.spreadsheets import Kind
from api.spreadsheets import download as csv_download
from sinks.queries import query

SIDES = ("buy", "sell", "unknown")
STATUSES = ("new", "corrected", "cancelled")
REASONS = ("updated", "corrected", "cancelled", "withdrawn")  # why there is an earlier state
trades = APIBlueprint("trades", __name__, url_prefix="/api/v1", tag="Trades")
_KEY = ("trade_id", "symbol", "venue", "trade_date")
_KINDS = (str, str, str, date)
_FILTERS = ("trade_id", "symbol", "venue", "side", "status", "since", "until")
MOST = 100  # of the states of one trade
_CSV: dict[str, Kind] = {
    "trade_id": "text",
    "symbol": "text",
    "venue": "text",
    "trade_date": "plain",
    "event_time": "plain",
    "side": "plain",
    "price": "plain",
    "quantity": "plain",
    "currency": "text",
    "account": "text",
    "status": "plain",
    "version": "plain",
    "attributes": "text",
    "file_id": "plain",
    "line": "plain",
    "recorded_at": "time",
}


class Trade(Schema):
    """One trade as it stands now. Numbers are texts, so that no digit is lost."""

    trade_id = word()
    symbol = word()
    venue = word()
    trade_date = day("The session's, in the profile's zone.")
    event_time = word("ISO 8601 in UTC, to the nanosecond.")
    side = word("buy, sell or unknown.", allow_none=True, validate=OneOf(SIDES))
    price = word()
    quantity = word()
    currency = word(allow_none=True)
    account = word(allow_none=True)
    status = word("new, corrected or cancelled.", validate=OneOf(STATUSES))
    version = word(allow_none=True)
    attributes = Dict(required=True, allow_none=True)
    file_id = count("The file that brought this state.")
    line = count("And the line within it.")
    recorded_at = time()


class Trades(Schema):
    """A page, and where the next one begins."""

    trades = List(Nested(Trade), required=True)
    next = String(required=True, allow_none=True)


class _Which(Schema):
    dataset = text(required=True, metadata={"description": "The feed's dataset; by default its own name."})
    from_ = Date(data_key="from", required=True, metadata={"description": "The first trade_date."})
    to = Date(metadata={"description": "The last trade_date; without it the first alone."})
    trade_id = text()
    symbol = text()
    venue = text()
    side = String(validate=OneOf(SIDES))
    status = String(validate=OneOf(STATUSES))
    since = Moment(metadata={"description": "Of an event_time at this moment or later."})
    until = Moment(metadata={"description": "Of an event_time before this moment."})


class AskedPage(_Which, Page):
    """A dataset and its days: only the tables of these are read."""


class AskedStream(_Which):
    """A dataset and its days: only the tables of these are read."""


class Standing(Trade):
    """The same with the file it came from, and the line that cancelled it."""

    feed = word()
    uri = word()
    cancelled_by = count("The file that cancelled it.", allow_none=True)
    cancelled_line = count("And the line within it.", allow_none=True)


class Revision(Trade):
    """An earlier state of a trade, and what replaced it."""

    feed = word()
    uri = word()
    revision_id = count()
    reason = word("updated, corrected, cancelled or withdrawn.", validate=OneOf(REASONS))
    replaced_at = time()
    replaced_by = count("The file that brought the state after it.")
    moved_to = day("The trade_date that the state after it has, where that is another.", allow_none=True)


class History(Schema):
    """Trades of one id as they stand, newest date first, and their earlier states, the latest first."""

    trades = List(Nested(Standing), required=True)
    revisions = List(Nested(Revision), required=True)


class AskedId(Schema):
    dataset = text(required=True, metadata={"description": "The feed's dataset; by default its own name."})
    trade_id = text(required=True)
    symbol = text()
    venue = text()
    trade_date = Date(metadata={"description": "That it has, or had before a correction moved it."})


@trades.get("/trades")
@trades.input(AskedPage, location="query", arg_name="asked")
@trades.output(Trades)
def listing(asked: dict[str, Any]) -> dict[str, Any]:
    """Trades in the order of their key: trade_id, symbol, venue, trade_date."""
    names = ("last_id", "last_symbol", "last_venue", "last_date")
    after = key("trades", asked.get("cursor"), *_KINDS) or ("", "", "", asked["from_"])
    values = _values(asked) | dict(zip(names, after, strict=True)) | {"limit": asked["limit"] + 1}
    return cut("trades", "trades", rows(_block("page", "columns"), **values), asked["limit"], *_KEY)


@trades.get("/trades/history")
@trades.input(AskedId, location="query", arg_name="asked")
@trades.output(History)
def history(asked: dict[str, Any]) -> dict[str, Any]:
    """One trade by its id, of whatever date: as it stands, and its earlier states; at most 100 of each."""
    values = _dataset(asked) | {name: asked.get(name) for name in ("trade_id", "symbol", "venue", "trade_date")}
    values |= rows(query("api/trades", "dates"), **values)[0] | {"limit": MOST}
    line, of_id = query("api/trades", "line"), query("api/trades", "of_id")
    parts = {"columns": query("api/trades", "columns", line=line), "of_id": of_id}
    cancelled = query("api/trades", "cancelled_line")
    return {
        "trades": rows(query("api/trades", "as_they_stand", cancelled_line=cancelled, **parts), **values),
        "revisions": rows(query("api/trades", "as_they_stood", **parts), **values),
    }


@trades.get("/trades.csv")
@trades.input(AskedStream, location="query", arg_name="asked")
@trades.output(FileSchema(), content_type="text/csv", description="One line a trade, in no order, under a header.")
def as_csv(asked: dict[str, Any]) -> Response:
    """All of these trades as CSV, in no order."""
    return csv_download("trades", _CSV, _block("all", "columns"), **_values(asked))


@trades.get("/trades.arrow")
@trades.input(AskedStream, location="query", arg_name="asked")
@trades.output(
    FileSchema(),
    content_type="application/vnd.apache.arrow.stream",
    description="Record batches, in no order. price, quantity and version are texts, so that no digit is lost; "
    "event_time is timestamp[ns, UTC].",
)
def as_arrow(asked: dict[str, Any]) -> Response:
    """All of these trades as an Arrow IPC stream, in no order."""
    return arrow_download("trades", _block("all", "arrow_columns"), **_values(asked))


def _values(asked: dict[str, Any]) -> dict[str, Any]:
    """What the blocks want; aborts with 404 for a dataset that there is none of."""
    days = {"from_": asked["from_"], "to": asked.get("to") or asked["from_"]}
    return _dataset(asked) | days | {name: asked.get(name) for name in _FILTERS}


def _dataset(asked: dict[str, Any]) -> dict[str, Any]:
    """Its number; aborts with 404 where there is none of this name."""
    unknown = f"No dataset is called {asked['dataset']!r}."
    return one(query("api/trades", "dataset"), unknown, dataset=asked["dataset"])


def _block(name: str, columns: str) -> sql.Composable:
    line = query("api/trades", "line")
    parts = {"columns": query("api/trades", columns, line=line), "chosen": query("api/trades", "chosen")}
    return query("api/trades", name, **parts)
