"""Zip archives: their members become files of their own in the ledger, `archive.zip!member`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from sinks import ledger
from sinks.books import Books
from sinks.ledger import Claim
from sinks.runs import RunId
from streaming.reading.signatures import ZIP
from streaming.sightings import Sighting
from triggers.errors import TriggerError, TryAgain, Unreadable, VersionChanged, VersionVanished
from triggers.names import ignored_reason
from triggers.stores import Listed, Stores, may_be_member

if TYPE_CHECKING:
    from streaming.feeds import FeedPlan


log = structlog.get_logger()

#: What only the zips of spreadsheets and the like hold (ECMA-376, part 2; OpenDocument, part 2).
DOCUMENTS = ("![Content_Types].xml", "!META-INF/manifest.xml")


@dataclass(frozen=True, slots=True)
class Archive:
    """A claimed file that turned out to be a zip, and all that its directory names."""

    claim: Claim
    members: tuple[Listed, ...]

    @classmethod
    def of(cls, claim: Claim, stores: Stores) -> Archive:
        """Look into a claimed archive. Raises SetAside for one that cannot be used, and TryAgain."""
        if stores.archive_of(claim.uri):
            raise Unreadable(claim.uri, "it is a zip within a zip: have its members sent in the outer one")
        members = stores.members_of(_listed(claim))
        if any(one.uri.endswith(DOCUMENTS) for one in members):
            raise Unreadable(claim.uri, "it is a spreadsheet or another document: have it saved and sent as CSV")
        return cls(claim, members)

    @property
    def reason(self) -> str:
        """What the ledger says of the archive itself."""
        files = sum(not one.uri.endswith("/") for one in self.members)
        return f"a zip of {files} member{'s' * (files != 1)}, each a file of its own"


def opened(claims: Iterable[Claim], books: Mapping[int, Books], stores: Stores) -> Iterator[Archive]:
    """The zips among the claimed files, as their books then say; a zip that cannot be used is set aside in them,
    and one that could not be looked at now waits.

    Asked of the files that could not be read, so that those that can cost no look more.
    """
    for claim in claims:
        entry = books[claim.file_id]
        if entry.state != "quarantined":
            continue
        try:
            if not is_archive(_listed(claim), stores):
                continue
            archive = Archive.of(claim, stores)
            entry.failure = ("ignored", archive.reason)
            yield archive
        except (VersionVanished, VersionChanged) as gone:
            entry.failure = ("vanished", str(gone))
        except TryAgain as away:
            entry.failure = ("waiting", str(away))
        except TriggerError as broken:
            entry.failure = ("quarantined", str(broken))


def expand(cursor: Any, archive: Archive, plan: FeedPlan, dataset_id: int, run_id: RunId) -> None:
    """Register the members and settle the archive's own row, within the caller's transaction.

    Done twice it changes nothing; if the claim was lost, it does nothing. Under on_overwrite = "replace" a member
    that an earlier version held and this one does not is registered with no bytes: to load that withdraws its trades.
    """
    if not ledger.expanded(cursor, run_id, archive.claim, archive.reason, plan.profile.version):
        return
    seen = [
        Sighting.of(one, plan, "archive", _reason(one, archive.claim.uri, plan.complete)) for one in archive.members
    ]
    if plan.on_overwrite == "replace":
        seen += [Sighting.of(gone, plan, "archive") for gone in _withdrawn(cursor, archive, plan)]
    ledger.register(cursor, plan.name, dataset_id, seen)
    # All of them are what the store shows now, so none need be asked for.
    ledger.make_current(cursor, [file_id for file_id, *_ in ledger.contested(cursor, plan.name, seen)])
    log.info("Took a zip apart", feed=plan.name, file=archive.claim.uri, members=len(archive.members))


def is_withdrawn(claim: Claim, stores: Stores) -> bool:
    """Whether this is a member without bytes because its archive, in this version, holds it no more."""
    if claim.size or not may_be_member(claim.uri) or stores.of(claim.uri).stat(claim.uri) is not None:
        return False
    return any(one.version == claim.version for one in stores.standing(claim.uri))


def landing(listed: Listed, stores: Stores, complete: str = "auto") -> Iterator[Listed]:
    """The file itself, or where it is a zip, those of its members that would be taken. Raises as `is_archive`."""
    if is_archive(listed, stores):
        yield from (one for one in stores.members_of(listed) if _reason(one, listed.uri, complete) is None)
    else:
        yield listed


def is_archive(listed: Listed, stores: Stores) -> bool:
    """Whether the file begins as a zip does. Raises what the store raises."""
    with stores.of(listed.uri).open(listed.uri, listed.version, 0, 4) as stream:
        return stream.read(4).startswith(ZIP)


def _listed(claim: Claim) -> Listed:
    return Listed(claim.uri, claim.version, claim.size, claim.modified_at)


def _reason(member: Listed, archive: str, complete: str) -> str | None:
    """Why a member is not taken: the names that say so in a folder say so in an archive."""
    if member.uri.endswith("/"):
        return "a folder of the archive"
    return ignored_reason("/" + member.uri[len(archive) + 1 :], complete, "/")


def _withdrawn(cursor: Any, archive: Archive, plan: FeedPlan) -> Iterator[Listed]:
    claim, held = archive.claim, {member.uri for member in archive.members}
    for uri in ledger.loaded_members(cursor, plan.name, claim.uri):
        if uri not in held:
            yield Listed(uri, claim.version, 0, claim.modified_at)
