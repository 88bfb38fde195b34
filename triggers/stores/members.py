"""Members of zip archives as objects of their own: `archive.zip!folder/member.csv`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import BinaryIO

from triggers.errors import SetAside, VersionChanged, VersionVanished
from triggers.stores import zips
from triggers.stores.port import ClearableStore, Listed, uncounted

MARK = "!"


def may_be_member(uri: str) -> bool:
    """Whether the uri can name a member; files too may have a `!` in their name, only the store knows."""
    return MARK in uri


def archive_names(uri: str) -> Iterator[str]:
    """The uris that would be the archive's, if this is a member's: what stands before each `!`."""
    return (name for name, member in _readings(uri) if member is not None)


class MemberStore:
    """A store whose uris may also name what lies in its zip archives.

    What a uri means is looked up: the object of exactly that name, else the archive before the first `!` that
    holds such a member, else before the next. A member's version is its archive's.
    """

    def __init__(self, store: ClearableStore) -> None:
        self.store = store
        # Kept: an archive of a thousand members is opened a thousand times. The version makes it safe.
        self._directory = lru_cache(maxsize=8)(lambda archive: zips.directory(archive, store))

    def list(
        self, prefix_uri: str, after: str | None = None, counting: Callable[[], None] = uncounted
    ) -> Iterator[Listed]:
        """Objects only: an archive is listed as itself."""
        return self.store.list(prefix_uri, after, counting)

    def stat(self, uri: str) -> Listed | None:
        """A member has the size of its bytes, unpacked, and the time of its archive."""
        found = self._found(uri)
        if found is None:
            return None
        listed, entry = found
        return listed if entry is None else _listed(listed, entry)

    @contextmanager
    def open(self, uri: str, version: str, start: int = 0, end: int | None = None) -> Iterator[BinaryIO]:
        """As of any store; a member that is damaged, encrypted or packed in an unknown way is Unreadable."""
        listed, entry = self._of_version(uri, version)
        if entry is None:
            with self.store.open(uri, version, start, end) as stream:
                yield stream
            return
        try:
            with self.store.open(listed.uri, version, entry.offset) as raw:
                yield zips.member(raw, entry, uri, start, end)
        except VersionChanged as changed:
            raise VersionChanged(uri, version, changed.found) from changed
        except VersionVanished as gone:
            raise VersionVanished(uri, version) from gone

    def remove(self, uri: str, version: str) -> bool:
        """Objects only: a member goes with its archive."""
        return self.store.remove(uri, version)

    def move(self, uri: str, version: str, to_uri: str) -> bool:
        """Objects only."""
        return self.store.move(uri, version, to_uri)

    def archive_of(self, uri: str) -> str | None:
        """The archive that this uri names a member of; None for objects and for what is not there."""
        found = self._found(uri)
        return None if found is None or found[1] is None else found[0].uri

    def members(self, archive: Listed) -> tuple[Listed, ...]:
        """All that an archive holds, folders (their uris end in a slash) included, in its own order.

        Raises Unreadable for what is no sound zip archive.
        """
        return tuple(_listed(archive, entry) for entry in self._directory(archive).values())

    def standing(self, uri: str) -> Iterator[Listed]:
        """The objects that are there now under this uri or under that of an archive it may lie in."""
        return (listed for listed, _ in self._objects(uri))

    def _found(self, uri: str, version: str | None = None) -> tuple[Listed, zips.Entry | None] | None:
        for listed, member in self._objects(uri):
            if version is not None and listed.version != version:
                continue
            if member is None:
                return listed, None
            if entry := self._entry(listed, member):
                return listed, entry
        return None

    def _of_version(self, uri: str, version: str) -> tuple[Listed, zips.Entry | None]:
        if found := self._found(uri, version):
            return found
        if other := next((listed for listed in self.standing(uri) if listed.version != version), None):
            raise VersionChanged(uri, version, other.version)
        raise VersionVanished(uri, version)

    def _objects(self, uri: str) -> Iterator[tuple[Listed, str | None]]:
        for name, member in _readings(uri):
            if listed := self.store.stat(name):
                yield listed, member

    def _entry(self, archive: Listed, member: str) -> zips.Entry | None:
        try:
            return self._directory(archive).get(member)
        except SetAside:  # it is no archive, or another one by now
            return None


def _readings(uri: str) -> Iterator[tuple[str, str | None]]:
    """What the uri may mean: itself, or the member after each `!`."""
    if not _leads_elsewhere(uri):
        yield uri, None
    for place in (place for place, sign in enumerate(uri) if sign == MARK):
        if not _leads_elsewhere(uri[:place]):
            yield uri[:place], uri[place + 1 :]


def _leads_elsewhere(uri: str) -> bool:
    # A member's name is whatever the packer wrote: on a disk one with `..` in it must not lead to another file.
    # In a bucket such a key is just a key.
    return uri.startswith("file:") and bool({"", ".", ".."} & set(uri.split("/")[3:]))


def _listed(archive: Listed, entry: zips.Entry) -> Listed:
    return Listed(f"{archive.uri}{MARK}{entry.name}", archive.version, entry.size, archive.modified_at)
