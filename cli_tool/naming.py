"""A file as a person names it: its path, its uri, or the end of its uri as the ledger or the source has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from cli_tool import wiring
from sinks import ledger
from sinks.errors import SinkError
from streaming.errors import SettingsError
from streaming.feeds import FeedPlan
from streaming.settings import Settings
from triggers.errors import ListingIncomplete, PrefixMissing
from triggers.stores import Listed, Stores, archive_names
from triggers.stores.local import path_of, uri_of

_SHOWN = 5  # files that are named where several are meant


def file_named(name: str, settings: Settings, plans: Sequence[FeedPlan]) -> Listed:
    """The file as it is now. Raises SettingsError where the name means none, or several."""
    stores = settings.stores
    if found := _there(_uri(name), stores):
        return found
    known = _in_ledger(name, settings, plans)
    uris = known or list(dict.fromkeys(one.uri for one in islice(_in_sources(name, plans, stores), _SHOWN + 1)))
    if len(uris) > 1:
        more = ", …" if len(uris) > _SHOWN else ""
        raise SettingsError(f"{name} may be {', '.join(uris[:_SHOWN])}{more}: write more of the one that is meant")
    if uris and (found := _there(uris[0], stores)):
        return found
    if uris:
        raise SettingsError(f"{uris[0]} is known to the ledger, but is not there any more: put it back to read it")
    raise SettingsError(
        f"there is no file {name}: none has that path, and neither in the ledger nor under the source of "
        f"{', '.join(plan.name for plan in plans) or 'a feed'} does the name of one end so"
    )


def _uri(name: str) -> str:
    return name if "://" in name else uri_of(path_of(name) if name.startswith("file:") else name)


def _there(uri: str, stores: Stores) -> Listed | None:
    return stores.of(uri).stat(uri)


def _ends_so(uri: str, name: str) -> bool:
    return uri == name or uri.endswith(f"/{name}")


def _in_ledger(name: str, settings: Settings, plans: Sequence[FeedPlan]) -> list[str]:
    """Uris of the feeds' files; none where the ledger cannot be asked: looking at a line needs no database."""
    if not wiring.has_database(settings):
        return []
    feeds = {plan.name for plan in plans}
    try:
        with wiring.connected(settings) as connection:
            rows = ledger.rows(connection, "files", feed=None, state=None, uri=name, limit=1000)
    except SinkError:
        return []
    return list(dict.fromkeys(row["uri"] for row in rows if row["feed"] in feeds and _ends_so(row["uri"], name)))


def _in_sources(name: str, plans: Sequence[FeedPlan], stores: Stores) -> Iterator[Listed]:
    """Files that lie under the feeds' sources now, and members of the zips among them."""
    names = {name: ""} | {archive: name[len(archive) :] for archive in archive_names(name)}
    for plan in plans:
        for listed in _listing(plan):
            for file, member in names.items():
                if _ends_so(listed.uri, file) and (found := _there(listed.uri + member, stores) if member else listed):
                    yield found


def _listing(plan: FeedPlan) -> Iterator[Listed]:
    try:
        yield from (one for one in plan.stores.of(plan.prefix).list(plan.source.listed) if plan.source.matches(one.uri))
    except (PrefixMissing, ListingIncomplete):
        return
