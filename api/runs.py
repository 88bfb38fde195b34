"""Runs and their batches: who worked, who works now, and how far they are."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Float, List, Nested, Raw, String
from apiflask.validators import OneOf

from api.asking import feed_is_known, one, rows
from api.fields import count, time, word
from api.inputs import BIGGEST, Page, id_of, text
from api.pages import cut, key
from sinks.queries import query

runs = APIBlueprint("runs", __name__, url_prefix="/api/v1", tag="Runs")
KINDS = ("stream", "backfill", "sweep", "command")
STATES = ("queued", "running", "done", "failed", "stopped", "lost")
LARGEST_RUN = 2**31 - 1


class Batch(Schema):
    """One merge: its files, and what their records became; numbers are null until it is committed."""

    batch_id = count()
    run_id = count()
    feed = word()
    files = count()
    bytes = count()
    records = count(allow_none=True)
    inserted = count(allow_none=True)
    updated = count(allow_none=True)
    unchanged = count(allow_none=True)
    rejected = count(allow_none=True)
    quarantined = count("Files.", allow_none=True)
    started_at = time()
    staged_at = time(allow_none=True)
    committed_at = time(allow_none=True)


class Batches(Schema):
    """A page, and where the next one begins."""

    batches = List(Nested(Batch), required=True)
    next = String(required=True, allow_none=True)


class Run(Schema):
    """One run of the program."""

    run_id = count()
    kind = word(validate=OneOf(KINDS))
    feeds = List(String(), required=True)
    host = word()
    pid = count()
    state = word("lost: its process is gone, or never came.", validate=OneOf(STATES))
    reason = word(allow_none=True)
    stop_requested = Boolean(required=True)
    total_files = count("Of a backfill, once its listing is known.", allow_none=True)
    started_at = time()
    ended_at = time(allow_none=True)
    command = List(String(), required=True, allow_none=True)
    asked_by = word("The token of who asked for it over the API.", allow_none=True)
    cancelled_by = word(allow_none=True)
    last_lines = word("Of a process that failed.", allow_none=True)
    answer = Raw(required=True, allow_none=True, metadata={"description": "What the command answered."})


class Progress(Schema):
    """What a run has committed. `done` is the part of total_files that has been worked off, 0 to 1."""

    batches = count()
    files = count()
    records = count()
    inserted = count()
    updated = count()
    unchanged = count()
    rejected = count()
    quarantined = count("Files.")
    last_commit = time(allow_none=True)
    done = Float(required=True, allow_none=True)


class OneRun(Run):
    """One run and how far it is."""

    progress = Nested(Progress, required=True)


class Runs(Schema):
    """A page, and where the next one begins."""

    runs = List(Nested(Run), required=True)
    next = String(required=True, allow_none=True)


class AskedBatches(Page):
    feed = text()
    run_id = id_of("Of this run.", LARGEST_RUN)


class AskedRuns(Page):
    feed = text()
    kind = String(validate=OneOf(KINDS))
    state = String(validate=OneOf(STATES))


@runs.get("/batches")
@runs.input(AskedBatches, location="query", arg_name="asked")
@runs.output(Batches)
def batches(asked: dict[str, Any]) -> dict[str, Any]:
    """Batches, newest first."""
    return _page("batches", "batch_id", asked, "feed", "run_id")


@runs.get("/runs")
@runs.input(AskedRuns, location="query", arg_name="asked")
@runs.output(Runs)
def listing(asked: dict[str, Any]) -> dict[str, Any]:
    """Runs, newest first."""
    return _page("runs", "run_id", asked, "feed", "kind", "state")


@runs.get("/runs/<int:run_id>")
@runs.output(OneRun)
def one_run(run_id: int) -> dict[str, Any]:
    """One run, and what it has committed so far."""
    found = one(query("api/runs", "run", columns=_COLUMNS), f"There is no run {run_id}.", run_id=run_id)
    return found | {"progress": progress(run_id, found["total_files"])}


def progress(run_id: int, total: int | None) -> dict[str, Any]:
    """What a run has committed."""
    (told,) = rows(query("api/runs", "progress"), run_id=run_id)
    # A file that was owed again counts with each of its tries.
    return told | {"done": min(1.0, told["files"] / total) if total else None}


_STATE = query("api/runs", "state")
_COLUMNS = query("api/runs", "columns", state=_STATE)


def _page(name: str, number: str, asked: dict[str, Any], *filters: str) -> dict[str, Any]:
    (before,) = key(name, asked.get("cursor"), int) or (BIGGEST,)
    wanted = {column: asked.get(column) for column in filters}
    parts = {"columns": _COLUMNS, "state": _STATE} if name == "runs" else {}
    found = rows(query("api/runs", name, **parts), **wanted, before=before, limit=asked["limit"] + 1)
    if not found:
        feed_is_known(wanted["feed"])
    return cut(name, name, found, asked["limit"], number)
