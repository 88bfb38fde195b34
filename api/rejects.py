"""Rejects: the lines that could not become trades, with their text, place and reason."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Integer, List, Nested, String
from apiflask.schemas import FileSchema
from apiflask.validators import Range
from flask import Response

from api.asking import feed_is_known, one, rows
from api.fields import count, time, word
from api.inputs import BIGGEST, Page
from api.pages import cut, key
from api.spreadsheets import Kind, download
from sinks.queries import query

rejects = APIBlueprint("rejects", __name__, url_prefix="/api/v1", tag="Rejects")
_FILE = "/files/<int:file_id>/rejects"
#: Rejects whose reasons are counted: a feed may have many millions.
MOST = 10_000
_TOLD = "One line a reject, under a header."
_COLUMNS: dict[str, Kind] = {
    "feed": "text",
    "uri": "text",
    "version": "text",
    "line": "plain",
    "column_name": "text",
    "reason": "text",
    "raw": "text",
    "raw_escaped": "plain",
    "rejected_at": "time",
}


class Reject(Schema):
    """One line that became no trade."""

    reject_id = count()
    file_id = count()
    line = count("The physical line within the file, from 1.")
    column_name = word("Null where it is the line as a whole.", allow_none=True)
    reason = word()
    raw = word("The line as it stands in the file.")
    raw_escaped = Boolean(
        required=True,
        metadata={"description": "raw holds backslash escapes, for the line has NUL bytes or is no UTF-8."},
    )
    rejected_at = time()


class RejectOfFeed(Reject):
    uri = word()


class Rejects(Schema):
    """A page, and where the next one begins."""

    rejects = List(Nested(Reject), required=True)
    next = String(required=True, allow_none=True)


class RejectsOfFile(Rejects):
    """The same as an answer of its own."""


class RejectsOfFeed(Schema):
    """A page, and where the next one begins."""

    rejects = List(Nested(RejectOfFeed), required=True)
    next = String(required=True, allow_none=True)


class Reason(Schema):
    """Rejects of one column and reason; what was quoted of a line in it is left out ("…")."""

    column_name = word("Null where it is the line as a whole.", allow_none=True)
    reason = word()
    rejects = count()
    files = count("In which they stand.")
    file_id = count("The newest of these.")


class Reasons(Schema):
    """The most frequent first."""

    counted = count("The newest rejects, which were counted; those of all reasons.")
    reasons = List(Nested(Reason), required=True)


class AskedReasons(Schema):
    limit = Integer(load_default=20, validate=Range(1, 100), metadata={"description": "Reasons, at most."})


@rejects.get(_FILE)
@rejects.input(Page, location="query", arg_name="asked")
@rejects.output(RejectsOfFile)
def of_one_file(file_id: int, asked: dict[str, Any]) -> dict[str, Any]:
    """The rejects of one file, in the order of its lines."""
    _file_is_known(file_id)
    return of_file(file_id, asked["limit"], asked.get("cursor"))


@rejects.get("/feeds/<feed>/rejects")
@rejects.input(Page, location="query", arg_name="asked")
@rejects.output(RejectsOfFeed)
def of_feed(feed: str, asked: dict[str, Any]) -> dict[str, Any]:
    """The rejects of a feed, newest file first, its lines in their order."""
    feed_is_known(feed)
    file_id, line, reject_id = key("rejects of feed", asked.get("cursor"), int, int, int) or (BIGGEST, 0, 0)
    after = {"file_id": file_id, "line": line, "reject_id": reject_id}
    found = rows(query("api/rejects", "of_feed"), feed=feed, **after, limit=asked["limit"] + 1)
    return cut("rejects", "rejects of feed", found, asked["limit"], "file_id", "line", "reject_id")


@rejects.get("/feeds/<feed>/rejects/reasons")
@rejects.input(AskedReasons, location="query", arg_name="asked")
@rejects.output(Reasons)
def reasons(feed: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Why lines of a feed were refused, of the newest of them."""
    feed_is_known(feed)
    found = rows(query("api/rejects", "reasons"), feed=feed, most=MOST, limit=asked["limit"])
    return {"counted": found[0]["counted"] if found else 0, "reasons": found}


@rejects.get(f"{_FILE}.csv")
@rejects.output(FileSchema(), content_type="text/csv", description=_TOLD)
def of_one_file_as_csv(file_id: int) -> Response:
    """All rejects of one file as CSV."""
    _file_is_known(file_id)
    return download(f"rejects-of-file-{file_id}", _COLUMNS, query("api/rejects", "all_of_file"), file_id=file_id)


@rejects.get("/feeds/<feed>/rejects.csv")
@rejects.output(FileSchema(), content_type="text/csv", description=_TOLD)
def of_feed_as_csv(feed: str) -> Response:
    """All rejects of a feed as CSV."""
    feed_is_known(feed)
    return download(f"rejects-of-{feed}", _COLUMNS, query("api/rejects", "all_of_feed"), feed=feed)


def of_file(file_id: int, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of one file's rejects."""
    line, reject_id = key("rejects of file", cursor, int, int) or (0, 0)
    after = {"line": line, "reject_id": reject_id}
    found = rows(query("api/rejects", "of_file"), file_id=file_id, **after, limit=limit + 1)
    return cut("rejects", "rejects of file", found, limit, "line", "reject_id")


def _file_is_known(file_id: int) -> None:
    one(query("api/rejects", "file"), f"The ledger knows no file {file_id}.", file_id=file_id)
