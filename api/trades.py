"""Trades by dataset, date, symbol and venue: pages as JSON, the whole as a CSV or Arrow stream."""

from __future__ import annotations

from datetime import date
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Date, Dict, List, Nested, String
from apiflask.schemas import FileSchema
from flask import Response
from psycopg2 import sql

from api.arrow import download as arrow_download
from api.asking import one, rows
from api.fields import count, day, time, word
from api.inputs import Page, text
from api.pages import cut, key
from api.spreadsheets import Kind
from api.spreadsheets import download as csv_download
from sinks.queries import query

trades = APIBlueprint("trades", __name__, url_prefix="/api/v1", tag="Trades")
_KEY = ("trade_id", "symbol", "venue", "trade_date")
_KINDS = (str, str, str, date)
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
    side = word("buy, sell or unknown.", allow_none=True)
    price = word()
    quantity = word()
    currency = word(allow_none=True)
    account = word(allow_none=True)
    status = word("new, corrected or cancelled.")
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
    symbol = text()
    venue = text()


class AskedPage(_Which, Page):
    """A dataset and its days: only the tables of these are read."""


class AskedStream(_Which):
    """A dataset and its days: only the tables of these are read."""


@trades.get("/trades")
@trades.input(AskedPage, location="query", arg_name="asked")
@trades.output(Trades)
def listing(asked: dict[str, Any]) -> dict[str, Any]:
    """Trades in the order of their key: trade_id, symbol, venue, trade_date."""
    names = ("trade_id", "last_symbol", "last_venue", "trade_date")
    after = key("trades", asked.get("cursor"), *_KINDS) or ("", "", "", asked["from_"])
    values = _values(asked) | dict(zip(names, after, strict=True)) | {"limit": asked["limit"] + 1}
    return cut("trades", "trades", rows(_block("page", "columns"), **values), asked["limit"], *_KEY)


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
    unknown = f"No dataset is called {asked['dataset']!r}."
    found = one(query("api/trades", "dataset"), unknown, dataset=asked["dataset"])
    days = {"from_": asked["from_"], "to": asked.get("to") or asked["from_"]}
    return found | days | {name: asked.get(name) for name in ("symbol", "venue")}


def _block(name: str, columns: str) -> sql.Composable:
    line = query("api/trades", "line")
    parts = {"columns": query("api/trades", columns, line=line), "chosen": query("api/trades", "chosen")}
    return query("api/trades", name, **parts)
