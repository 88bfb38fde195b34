"""Stores: where files lie. `store_for` picks the one that reads a uri."""

from collections.abc import Iterator

from triggers.errors import UnknownStore
from triggers.stores.local import LocalStore
from triggers.stores.members import MemberStore, archive_names, may_be_member
from triggers.stores.port import Listed, Store

__all__ = ["Listed", "Store", "archive_names", "archive_of", "may_be_member", "members_of", "standing", "store_for"]

KNOWN = ("file:",)
_LOCAL = LocalStore()
_MEMBERS = MemberStore(_LOCAL)


def store_for(uri: str) -> Store:
    """The store that reads this uri, `archive.zip!member` too. Raises UnknownStore."""
    members = _members_for(uri)
    return members if may_be_member(uri) else _LOCAL


def members_of(archive: Listed) -> tuple[Listed, ...]:
    """All that a zip archive holds; folders' uris end in a slash. Raises Unreadable, and what the store raises."""
    return _members_for(archive.uri).members(archive)


def archive_of(uri: str) -> str | None:
    """The archive that holds this member now; None for a file."""
    return _members_for(uri).archive_of(uri) if may_be_member(uri) else None


def standing(uri: str) -> Iterator[Listed]:
    """The objects there now under this uri, or under that of an archive it may lie in."""
    return _members_for(uri).standing(uri)


def _members_for(uri: str) -> MemberStore:
    if uri.startswith("file:"):
        return _MEMBERS
    raise UnknownStore(uri, KNOWN)
