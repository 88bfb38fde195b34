"""What a feed did over the last minutes, hours or days, in steps: for charts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Float, Integer, List, Nested
from apiflask.validators import Range

from api.asking import feed_is_known, rows
from api.fields import count, time, word
from sinks.queries import query

history = APIBlueprint("history", __name__, url_prefix="/api/v1", tag="Feeds")

#: Seconds that a step may last: a window is cut into the shortest of them that makes no more than MOST steps.
STEPS = (5, 10, 30, 60, 120, 300, 600, 1800, 3600, 10_800, 21_600)
MOST = 180
#: No batch takes longer from its beginning to its commit.
LONGEST_BATCH = timedelta(hours=1)


class Step(Schema):
    """One step: what was committed in it, and the lag of the files that were first seen in it."""

    at = time("Its beginning.")
    batches = count()
    files = count("Of these batches.")
    quarantined = count("Files.")
    records = count()
    inserted = count()
    updated = count()
    unchanged = count()
    rejected = count()
    seen = count("Files that were first seen in this step and are loaded; those that were owed again are left out.")
    seen_p50_seconds = Float(
        required=True, allow_none=True, metadata={"description": "From registered_at to the committed rows."}
    )
    seen_p99_seconds = Float(required=True, allow_none=True)


class History(Schema):
    """Steps in their order; one in which nothing happened has no row."""

    feed = word()
    since = time("The first step's beginning.")
    until = time("Now: the last step has only begun.")
    step_seconds = count()
    steps = List(Nested(Step), required=True)


class AskedHistory(Schema):
    minutes = Integer(
        load_default=60, validate=Range(5, 44_640), metadata={"description": "The window, back from now."}
    )


@history.get("/feeds/<feed>/history")
@history.input(AskedHistory, location="query", arg_name="asked")
@history.output(History)
def steps(feed: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Records, files and lag of one feed over time."""
    feed_is_known(feed)
    now = datetime.now(UTC)
    step = step_of(timedelta(minutes=asked["minutes"]))
    since = _floor(now, step) - timedelta(minutes=asked["minutes"]) + step
    return {"feed": feed, "since": since, "until": now, "step_seconds": int(step.total_seconds()),
            "steps": _steps(feed, since, step)}  # fmt: skip


def step_of(window: timedelta) -> timedelta:
    """How long the steps of a window are."""
    return timedelta(seconds=next((s for s in STEPS if window.total_seconds() / s <= MOST), STEPS[-1]))


def _floor(at: datetime, step: timedelta) -> datetime:
    """The step's beginning; steps begin at the same moments whenever one asks, so that a chart's do not wander."""
    epoch = datetime.fromtimestamp(0, UTC)
    return at - (at - epoch) % step


def _steps(feed: str, since: datetime, step: timedelta) -> list[dict[str, Any]]:
    (batch,) = rows(query("api/history", "first_batch"), moment=since - LONGEST_BATCH)
    (file,) = rows(query("api/files", "bounds"), from_=since, to=None)
    block = query("api/history", "steps", committed=query("api/history", "committed"), lag=query("api/history", "lag"))
    first = {"first_batch": batch["first"], "first_file": file["first"]}
    return rows(block, feed=feed, since=since, step=int(step.total_seconds()), **first)
