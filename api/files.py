"""Files: every object version that the ledger knows, its state, its books and what happened to it."""

from __future__ import annotations

from typing import Any, get_args

from apiflask import APIBlueprint, Schema
from apiflask.fields import Dict, Integer, List, Nested, String
from apiflask.validators import OneOf

from api.asking import feed_is_known, one, rows
from api.fields import FileBooks, count, day, time, word
from api.inputs import BIGGEST, Moment, Page, text
from api.pages import cut, key
from api.rejects import Rejects, of_file
from api.runs import Batch
from sinks.ledger import STATES
from sinks.queries import query
from triggers.arrival import SeenBy

files = APIBlueprint("files", __name__, url_prefix="/api/v1/files", tag="Files")
MOST = 100  # of the timeline's states and of the versions that one file's answer holds


class File(FileBooks):
    """One object version, as `tradewind files list --json` tells it; times in UTC."""

    file_id = count()
    feed = word()
    uri = word()
    version = word()
    size = count("Bytes.")
    modified_at = time("By the store.")
    state = word(validate=OneOf(STATES))
    reason = word(allow_none=True)
    ignored_by = Dict(keys=String(), values=Integer(), required=True, allow_none=True)
    attempts = count()
    seen_by = word()
    registered_at = time("When it was first seen.")
    loaded_at = time(allow_none=True)
    due_at = time("When a waiting file is tried again.", allow_none=True)
    min_date = day(allow_none=True)
    max_date = day(allow_none=True)
    cleared_at = time(allow_none=True)
    cleared_how = word(allow_none=True)
    cleared_to = word(allow_none=True)


class Files(Schema):
    """A page, and where the next one begins."""

    files = List(Nested(File), required=True)
    next = String(required=True, allow_none=True)


class State(Schema):
    """A state that a file came into."""

    state = word(validate=OneOf(STATES))
    at = time()
    reason = word(allow_none=True)
    run_id = count(allow_none=True)
    batch_id = count(allow_none=True)


class Version(Schema):
    """One of the versions of a uri, newest first."""

    file_id = count()
    version = word()
    size = count()
    modified_at = time()
    effective_at = time("When it became what the store shows.")
    state = word(validate=OneOf(STATES))
    loaded_at = time(allow_none=True)


class OneFile(File):
    """All that is known of one object version."""

    dataset = word()
    record_lines = count(allow_none=True)
    effective_at = time()
    path_date = day(allow_none=True)
    path_sequence = count(allow_none=True)
    sequence = word(allow_none=True)
    run_id = count(allow_none=True)
    batch_id = count(allow_none=True)
    registrations = count()
    profile_version = word(allow_none=True)
    state_at = time()
    batch = Nested(Batch, required=True, allow_none=True)
    timeline = List(Nested(State), required=True)
    versions = List(Nested(Version), required=True)
    rejects = Nested(Rejects, required=True)


class Asked(Page):
    """Which files. `from` and `to` are about registered_at; the latter is excluded."""

    feed = text()
    state = String(validate=OneOf(STATES))
    prefix = text(metadata={"description": "How the uri begins; the order is then that of names."})
    from_ = Moment(data_key="from", metadata={"description": "Registered at this moment or later."})
    to = Moment(metadata={"description": "Registered before this moment."})
    seen_by = String(validate=OneOf(get_args(SeenBy)), metadata={"description": "Who saw it first."})


@files.get("")
@files.input(Asked, location="query", arg_name="asked")
@files.output(Files)
def listing(asked: dict[str, Any]) -> dict[str, Any]:
    """Files by state, feed, prefix, time and who saw them.

    Newest first; below a prefix in the order of names.
    """
    wanted = {name: asked.get(name) for name in ("feed", "state", "prefix", "from_", "to", "seen_by")}
    found = (_by_name if wanted["prefix"] else _newest)(wanted, asked["limit"], asked.get("cursor"))
    if not found["files"]:
        feed_is_known(wanted["feed"])
    return found


@files.get("/<int:file_id>")
@files.output(OneFile)
def one_file(file_id: int) -> dict[str, Any]:
    """One file: books, timeline of states, all versions of its uri, the first of its rejects."""
    found = one(query("api/files", "one", columns=_COLUMNS), f"The ledger knows no file {file_id}.", file_id=file_id)
    asked = {"file_id": file_id, "limit": MOST}
    batches = rows(query("api/runs", "batch"), batch_id=found["batch_id"])
    return found | {
        "batch": batches[0] if batches else None,
        "timeline": rows(query("api/files", "timeline"), **asked),
        "versions": rows(query("api/files", "versions"), **asked),
        "rejects": of_file(file_id, MOST, None),
    }


_COLUMNS = query("api/files", "columns")


def _newest(wanted: dict[str, Any], limit: int, cursor: str | None) -> dict[str, Any]:
    (before,) = key("files", cursor, int) or (BIGGEST,)
    any_feed_and_state = wanted["feed"] is None and wanted["state"] is None
    block = query(
        "api/files",
        "newest_of_all" if any_feed_and_state else "newest",
        columns=_COLUMNS,
        within=query("api/files", "within"),
    )
    states = [wanted["state"]] if wanted["state"] else list(STATES)
    found = rows(block, **wanted, **_bounds(wanted), before=before, states=states, limit=limit + 1)
    return cut("files", "files", found, limit, "file_id")


def _by_name(wanted: dict[str, Any], limit: int, cursor: str | None) -> dict[str, Any]:
    uri, file_id = key("files by name", cursor, str, int) or ("", 0)
    parts = {
        "columns": _COLUMNS,
        "within": query("api/files", "within"),
        "after": query("api/files", "after" if cursor else "from_the_first"),
    }
    values = {"uri": uri, "file_id": file_id, "before": BIGGEST, "first": 0, "last": BIGGEST, "limit": limit + 1}
    found = rows(query("api/files", "by_name", **parts), **wanted, **values)
    return cut("files", "files by name", found, limit, "uri", "file_id")


def _bounds(wanted: dict[str, Any]) -> dict[str, Any]:
    if wanted["from_"] is None and wanted["to"] is None:
        return {"first": 0, "last": BIGGEST}
    return rows(query("api/files", "bounds"), from_=wanted["from_"], to=wanted["to"])[0]
