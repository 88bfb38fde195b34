"""How fresh feeds are, how long files take to become rows, which days are there, and what sweeps found."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Date, Float, Integer, List, Nested, String
from apiflask.validators import OneOf, Range

from api.asking import feed_is_known, rows
from api.fields import Books, count, day, time, word
from api.inputs import BIGGEST, Page, id_of, text
from api.pages import cut, key
from api.runs import LARGEST_RUN
from sinks.queries import query

WHYS = ("start", "beat", "command", "backfill", "gap")
lag = APIBlueprint("lag", __name__, url_prefix="/api/v1", tag="Freshness and completeness")


class Freshness(Schema):
    """One feed: how old its newest file is, and how long files took that were seen within the window."""

    feed = word()
    files = count("Loaded of those that were first seen within the window.")
    seen_p50_seconds = Float(
        required=True, allow_none=True, metadata={"description": "From registered_at to the committed rows."}
    )
    seen_p99_seconds = Float(required=True, allow_none=True)
    written_p50_seconds = Float(
        required=True, allow_none=True, metadata={"description": "From the store's modified_at to the committed rows."}
    )
    written_p99_seconds = Float(required=True, allow_none=True)
    last_load = time(allow_none=True)
    newest_file = time("modified_at of the newest loaded file.", allow_none=True)
    freshness_seconds = Float(required=True, allow_none=True, metadata={"description": "Since newest_file."})
    oldest_owed = time("When the oldest file that is still owed was first seen.", allow_none=True)


class FreshnessOfAll(Schema):
    since = time("The window's beginning; its end is now.")
    feeds = List(Nested(Freshness), required=True)


class AskedFreshness(Schema):
    feed = text()
    hours = Integer(load_default=1, validate=Range(1, 744), metadata={"description": "The window, back from now."})


class Day(Books):
    """One day of a feed: its files by what became of them, and the books of those that are or were in the table."""

    feed = word()
    day = day("The path's date, else the first of the file's trades, else that of the file in UTC.")
    files = count()
    loaded = count()
    superseded = count()
    owed = count()
    quarantined = count()
    vanished = count()
    files_ignored = count()


class Completeness(Schema):
    """A page, and where the next one begins. A day without files has no row."""

    days = List(Nested(Day), required=True)
    next = String(required=True, allow_none=True)


class AskedDays(Page):
    feed = text()
    to = Date(metadata={"description": "The last day; the newest there is unless told."})
    days = Integer(load_default=30, validate=Range(1, 3660), metadata={"description": "So many days up to it."})


class Reconciliation(Schema):
    """One sweep: what it compared and what it found."""

    reconciliation_id = count()
    feed = word()
    why = word("start, beat, command, backfill or gap.", validate=OneOf(WHYS))
    started_at = time()
    ended_at = time(allow_none=True)
    seconds = Float(required=True)
    list_calls = count()
    objects = count()
    outside = count()
    ignored = count()
    known = count()
    awaited = count()
    missed = count()
    overwritten = count()
    returned = count()
    owed_too_long = count()
    vanished = count()
    phantom = count()
    first_day = day(allow_none=True)
    last_day = day(allow_none=True)
    under = word(allow_none=True)
    started_after = word(allow_none=True)
    reached = word(allow_none=True)
    incomplete = word("The places that could not be listed.", allow_none=True)
    run_id = count(allow_none=True)


class Reconciliations(Schema):
    """A page, and where the next one begins."""

    reconciliations = List(Nested(Reconciliation), required=True)
    next = String(required=True, allow_none=True)


class AskedReconciliations(Page):
    feed = text()
    run_id = id_of("Of this run.", LARGEST_RUN)


@lag.get("/freshness")
@lag.input(AskedFreshness, location="query", arg_name="asked")
@lag.output(FreshnessOfAll)
def freshness(asked: dict[str, Any]) -> dict[str, Any]:
    """How fresh each feed is, and p50 and p99 from arrival to row."""
    since, feed = datetime.now(UTC) - timedelta(hours=asked["hours"]), asked.get("feed")
    feed_is_known(feed)
    return {"since": since, "feeds": lag_since(since, feed)}


def lag_since(since: datetime, feed: str | None = None) -> list[dict[str, Any]]:
    """Each feed's freshness, and its lag over the files seen since a moment."""
    (bounds,) = rows(query("api/files", "bounds"), from_=since, to=None)
    return rows(query("api/lag", "freshness"), feed=feed, since=since, first=bounds["first"])


@lag.get("/completeness")
@lag.input(AskedDays, location="query", arg_name="asked")
@lag.output(Completeness)
def completeness(asked: dict[str, Any]) -> dict[str, Any]:
    """Files, rows and books of each feed and day."""
    feed = asked.get("feed")
    feed_is_known(feed)
    last_feed, last_day, to = key("days", asked.get("cursor"), str, date, date) or ("", "infinity", _end(asked, feed))
    block = query("api/lag", "completeness", books=query("api/lag", "books"))
    after = {"last_feed": last_feed, "last_day": last_day}
    found = rows(block, feed=feed, to=to, days=asked["days"], **after, limit=asked["limit"] + 1)
    # With the window's end, lest a day that comes meanwhile moves what is still to be told.
    return cut("days", "days", [row | {"to": to} for row in found], asked["limit"], "feed", "day", "to")


def _end(asked: dict[str, Any], feed: str | None) -> date | None:
    """The last day of the window; None where there is no file at all."""
    if "to" in asked:
        told: date = asked["to"]
        return told
    (newest,) = rows(query("api/lag", "newest_day"), feed=feed)
    found: date | None = newest["day"]
    return found


@lag.get("/reconciliations")
@lag.input(AskedReconciliations, location="query", arg_name="asked")
@lag.output(Reconciliations)
def reconciliations(asked: dict[str, Any]) -> dict[str, Any]:
    """Sweeps, newest first."""
    (before,) = key("reconciliations", asked.get("cursor"), int) or (BIGGEST,)
    wanted = {"feed": asked.get("feed"), "run_id": asked.get("run_id")}
    feed_is_known(wanted["feed"])
    found = rows(query("api/lag", "reconciliations"), **wanted, before=before, limit=asked["limit"] + 1)
    return cut("reconciliations", "reconciliations", found, asked["limit"], "reconciliation_id")
