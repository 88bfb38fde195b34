"""`after_load`: objects whose rows are committed are archived or deleted, each in exactly the version loaded."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import structlog

from sinks import clearing, database
from sinks.clearing import Clearable, How
from streaming.feeds import FeedPlan
from triggers.errors import SetAside

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Cleared:
    """One object that went, or would go; `to` is where it is now, None where it is nowhere."""

    feed: str
    uri: str
    version: str
    size: int
    how: How
    to: str | None


def clear(plan: FeedPlan, everything: Sequence[FeedPlan], dsn: str, stop: threading.Event) -> int:
    """Clear what may go of this feed; how many objects went. `everything` are all feeds: what another one reads too,
    and has not loaded, stays."""
    went = sum(1 for _ in clearance(plan, everything, dsn, stop))
    if went:
        log.info("Cleared what was loaded", feed=plan.name, files=went, how=plan.clearance.after_load)
    return went


def clearance(
    plan: FeedPlan, everything: Sequence[FeedPlan], dsn: str, stop: threading.Event, *, dry_run: bool = False
) -> Iterator[Cleared]:
    """Each object as it goes, or with `dry_run` each that would. Raises what the store and the database raise."""
    if plan.clearance.after_load == "keep":
        return
    with closing(database.connect(dsn, "tradewind clearing")) as connection:
        for one in _clearable(connection, plan, everything):
            if stop.is_set():
                return
            if not _is_awaited(connection, one, plan, everything) and (
                went := _would(one, plan) if dry_run else _go(connection, one, plan)
            ):
                yield went


def _clearable(connection: Any, plan: FeedPlan, everything: Sequence[FeedPlan]) -> Iterator[Clearable]:
    shared = any(clearing.shares(one.rules) for one in everything if one.dataset == plan.dataset)
    page: list[Clearable] = []
    while True:
        passed = page[-1] if page else None
        with database.transaction(connection) as cursor:
            page = clearing.clearable(cursor, plan.name, plan.clearance.after, shared, passed)
        yield from page
        if len(page) < clearing.PAGE:
            return


def _is_awaited(connection: Any, one: Clearable, plan: FeedPlan, everything: Sequence[FeedPlan]) -> bool:
    """Whether another feed reads this place and has not seen this version yet."""
    others = {other.name for other in everything if other.name != plan.name and other.source.matches(one.uri)}
    if not others:
        return False
    with database.transaction(connection) as cursor:
        return clearing.known_to(cursor, sorted(others), one) != others


def _would(one: Clearable, plan: FeedPlan) -> Cleared:
    how, to = _how(one, plan)
    return Cleared(plan.name, one.uri, one.version, one.size, how, to)


def _go(connection: Any, one: Clearable, plan: FeedPlan) -> Cleared | None:
    """Note it, do it, note that it is done: where a process dies in between, the next one takes it up."""
    try:
        how, to = _how(one, plan)
        with database.transaction(connection) as cursor:
            if not clearing.mark(cursor, one, how, to):
                return None
        done = _done(one, plan, how, to)
    except SetAside as refused:
        log.warning("A loaded file could not be cleared", feed=plan.name, file=one.uri, reason=str(refused))
        return None
    with database.transaction(connection) as cursor:
        if done is None:
            clearing.spared(cursor, one)
            return None
        clearing.cleared(cursor, one, done, to if done == "archived" else None)
    return Cleared(plan.name, one.uri, one.version, one.size, done, to) if done != "gone" else None


def _done(one: Clearable, plan: FeedPlan, how: How, to: str | None) -> How | None:
    """What became of the object; None where another version of it is there."""
    store = plan.stores.of(one.uri)
    went = store.move(one.uri, one.version, to) if to else store.remove(one.uri, one.version)
    if went:
        return how
    if store.stat(one.uri) is not None:
        return None
    # Not there: a process that died had removed it, if it had begun to; else somebody else has.
    return how if one.how else "gone"


def _how(one: Clearable, plan: FeedPlan) -> tuple[How, str | None]:
    if one.how:
        return one.how, one.to
    if plan.clearance.to is None:
        return "deleted", None
    place = f"{plan.clearance.to}/{one.uri.removeprefix(plan.prefix).lstrip('/')}"
    # An earlier version of this name is in the archive, or a file of somebody else's: neither is written over.
    taken = plan.stores.of(place).stat(place) is not None
    return "archived", f"{place}.{one.version}" if taken else place
