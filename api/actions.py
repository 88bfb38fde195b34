"""What operators can do: each action is a run of the command line, answered with its number at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apiflask import APIBlueprint, abort
from flask import g

from api.access import asker
from api.access.roles import operators_only
from api.action_schemas import Backfill, Cancelled, Ignore, Nothing, Queued, RetryAll
from api.asking import limited, rows
from api.shared import shared
from sinks import asked_runs, audit
from sinks.queries import query
from sinks.runs import RunKind

actions = APIBlueprint("actions", __name__, url_prefix="/api/v1", tag="Actions")

MOST_AT_ONCE = 8  # runs asked for that are under way; each is a process, and a backfill starts Spark
RETRIED = ("quarantined", "vanished", "loaded", "waiting", "ignored")
IGNORED = ("discovered", "waiting", "quarantined", "vanished")


@actions.post("/feeds/<feed>/sweep")
@actions.input(Nothing, arg_name="_nothing")
@actions.output(Queued, 202)
@operators_only
def sweep(feed: str, _nothing: dict[str, Any]) -> dict[str, Any]:
    """Compare the store's listing with the ledger now; the feed's stream loads what was missed."""
    return _queue("sweep", feed, ["sweep", "--", _known(feed)], {})


@actions.post("/feeds/<feed>/backfill")
@actions.input(Backfill)
@actions.output(Queued, 202)
@operators_only
def backfill(feed: str, json_data: dict[str, Any]) -> dict[str, Any]:
    """Load what the store shows and the ledger does not know, of some days or below a part of the source."""
    _refuse_paused(_known(feed))
    _refuse_no_days(json_data)
    told = {name: str(value) for name, value in json_data.items() if value not in (None, "")}
    words = [f"--{name}={value}" for name, value in told.items()]
    return _queue("backfill", feed, ["backfill", *words, "--", feed], told)


@actions.post("/feeds/<feed>/pause")
@actions.input(Nothing, arg_name="_nothing")
@actions.output(Queued, 202)
@operators_only
def pause(feed: str, _nothing: dict[str, Any]) -> dict[str, Any]:
    """Let a feed load nothing until it is resumed; what arrives is registered and owed."""
    return _queue("command", feed, ["pause", "--", _known(feed)], {})


@actions.post("/feeds/<feed>/resume")
@actions.input(Nothing, arg_name="_nothing")
@actions.output(Queued, 202)
@operators_only
def resume(feed: str, _nothing: dict[str, Any]) -> dict[str, Any]:
    """Let a paused feed load again."""
    return _queue("command", feed, ["resume", "--", _known(feed)], {})


@actions.post("/feeds/<feed>/retry")
@actions.input(RetryAll)
@actions.output(Queued, 202)
@operators_only
def retry_all(feed: str, json_data: dict[str, Any]) -> dict[str, Any]:
    """Owe all files of one state again."""
    state = json_data["state"]
    return _queue("command", feed, ["files", "retry", f"--state={state}", "--", _known(feed)], {"state": state})


@actions.post("/files/<int(max=9223372036854775807):file_id>/retry")
@actions.input(Nothing, arg_name="_nothing")
@actions.output(Queued, 202)
@operators_only
def retry(file_id: int, _nothing: dict[str, Any]) -> dict[str, Any]:
    """Owe one file again, after the cause was mended."""
    file = _file(file_id, RETRIED, "retried")
    words = [
        "files",
        "retry",
        f"--state={file['state']}",
        f"--version={file['version']}",
        "--",
        _known(file["feed"]),
        file["uri"],
    ]
    return _queue("command", file["feed"], words, {"file_id": file_id, "uri": file["uri"]})


@actions.post("/files/<int(max=9223372036854775807):file_id>/ignore")
@actions.input(Ignore)
@actions.output(Queued, 202)
@operators_only
def ignore(file_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Owe a file no more that was never loaded; the reason is kept."""
    file, reason = _file(file_id, IGNORED, "ignored"), json_data["reason"]
    words = [
        "files",
        "ignore",
        f"--version={file['version']}",
        f"--reason={reason}",
        "--",
        _known(file["feed"]),
        file["uri"],
    ]
    return _queue("command", file["feed"], words, {"file_id": file_id, "uri": file["uri"], "reason": reason})


@actions.post("/runs/<int(max=2147483647):run_id>/cancel")
@actions.input(Nothing, arg_name="_nothing")
@actions.output(Cancelled)
@operators_only
def cancel(run_id: int, _nothing: dict[str, Any]) -> dict[str, Any]:
    """Stop a backfill, sweep or command after what it has in hand; a stream is paused instead."""
    with limited() as cursor:
        state = asked_runs.cancel(cursor, run_id, g.principal.name)
        if state is None:
            abort(404, f"No backfill, sweep or command {run_id} is under way.")
        audit.record(cursor, g.principal, asker.address(), "cancel", {"run_id": run_id}, run_id)
    return {"run_id": run_id, "state": state}


def _queue(kind: RunKind, feed: str, words: Sequence[str], target: Mapping[str, object]) -> dict[str, Any]:
    """A run in the ledger and in the audit, committed before its process looks for it."""
    action = words[1] if words[0] == "files" else words[0]
    with limited() as cursor:
        if asked_runs.under_way(cursor) >= MOST_AT_ONCE:
            abort(429, f"{MOST_AT_ONCE} runs that were asked for are under way.", headers={"Retry-After": "10"})
        run_id = asked_runs.queue(cursor, kind, [feed], words, g.principal.name, shared().starter.host)
        audit.record(cursor, g.principal, asker.address(), action, {"feed": feed, **target}, run_id)
    shared().starter.start(run_id, words)
    return {"run_id": run_id, "state": "queued", "command": [*shared().command, *words]}


def _known(feed: str) -> str:
    if feed not in shared().settings.feeds:
        abort(404, f"The configuration has no feed {feed!r}.")
    return feed


def _refuse_paused(feed: str) -> None:
    if any(row["paused"] for row in rows(query("ledger", "is_paused"), feed=feed)):
        abort(409, f"The feed {feed!r} is paused and loads nothing.", extra_data={"cure": "Resume it first."})


def _refuse_no_days(told: Mapping[str, Any]) -> None:
    # 409, not 422: each of the two is what the document asks for.
    if told.get("from") and told.get("to") and told["to"] < told["from"]:
        fields = {"json": {"to": ["Is before `from`."]}}
        cure = "Name the first day as `from` and the last as `to`."
        abort(409, "`to` is before `from`: no day lies between them.", detail=fields, extra_data={"cure": cure})


def _file(file_id: int, states: Sequence[str], done: str) -> dict[str, Any]:
    found = rows(query("runs", "file"), file_id=file_id)
    if not found:
        abort(404, f"The ledger holds no file {file_id}.")
    if found[0]["state"] not in states:
        abort(409, f"The file is {found[0]['state']}; only one that is {', '.join(states)} can be {done}.")
    return found[0]
