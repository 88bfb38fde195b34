"""Sightings go into the ledger; what only the store can say of them is asked of it.

A store that does not answer holds nothing up: what is registered stays as the ledger has it, and the next sweep, which
sees what is there then, tells of it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import structlog

from sinks import database, ledger
from sinks.ledger import Claim
from streaming.sightings import Sighting
from triggers.errors import SetAside, TryAgain
from triggers.stores import Listed, archive_names

if TYPE_CHECKING:
    from streaming.feeds import FeedPlan

log = structlog.get_logger()


def register(connection: Any, plan: FeedPlan, dataset_id: int, sightings: Sequence[Sighting]) -> int:
    """Register sightings; what only the store can confirm (a return, a late event) is asked of the store."""
    with database.transaction(connection) as cursor:
        new = ledger.register(cursor, plan.name, dataset_id, sightings)
        doubtful = ledger.contested(cursor, plan.name, sightings)
    current = [i for i, uri, version in doubtful if _shows(uri, version, plan)]
    if current:
        with database.transaction(connection) as cursor:
            ledger.make_current(cursor, current)
    return new


def look_again(connection: Any, plan: FeedPlan, dataset_id: int, vanished: Sequence[Claim]) -> None:
    """Versions that were overwritten before they were read: what is there now is registered at once.

    Of a member that is its archive, which is expanded again.
    """
    archived = [(name, c.version) for c in vanished for name in archive_names(c.uri)]
    if archived:
        with database.transaction(connection) as cursor:
            ledger.archives_vanished(cursor, plan.name, archived)
    found = {one.uri: one for c in vanished for one in _standing(c.uri, plan) if plan.source.matches(one.uri)}
    register(connection, plan, dataset_id, [Sighting.of(one, plan, "sweep") for one in found.values()])


def _shows(uri: str, version: str, plan: FeedPlan) -> bool:
    try:
        now = plan.stores.of(uri).stat(uri)
    except (TryAgain, SetAside) as away:
        _left(uri, plan, away)
        return False
    return now is not None and now.version == version


def _standing(uri: str, plan: FeedPlan) -> list[Listed]:
    try:
        return list(plan.stores.standing(uri))
    except (TryAgain, SetAside) as away:
        _left(uri, plan, away)
        return []


def _left(uri: str, plan: FeedPlan, away: Exception) -> None:
    log.warning("Could not ask what is there now; the next sweep tells", feed=plan.name, file=uri, reason=str(away))
