"""Stores: where files lie. `Stores` picks the one that reads a uri."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from triggers.clients import client_of
from triggers.errors import UnknownStore
from triggers.stores.access import Access
from triggers.stores.local import LocalStore
from triggers.stores.members import MemberStore, archive_names, may_be_member
from triggers.stores.port import ClearableStore, Listed, Store
from triggers.stores.spark import HeldRows, Reader, Row, SparkStore

__all__ = ["Listed", "Store", "Stores", "archive_names", "may_be_member"]

KNOWN = ("file:", "s3:", "abfss:", "gs:")


@dataclass(frozen=True, slots=True)
class Stores:
    """All stores, reached as the settings say. It holds no connection: tasks get it pickled, and each process its own
    clients, which are kept and reused."""

    access: Access = field(default_factory=Access)
    reader: Reader | None = None  # Spark's, where it is to read everything

    @classmethod
    def held(cls, rows: Iterable[Row]) -> "Stores":
        """Those of a task to which Spark has brought the files' bytes."""
        return cls(reader=HeldRows(rows))

    def of(self, uri: str) -> ClearableStore:
        """The store that reads this uri, `archive.zip!member` too. Raises UnknownStore."""
        members = self._members(uri)
        return members if may_be_member(uri) else members.store

    def members_of(self, archive: Listed) -> tuple[Listed, ...]:
        """All that a zip archive holds; folders' uris end in a slash. Raises Unreadable, and what the store raises."""
        return self._members(archive.uri).members(archive)

    def archive_of(self, uri: str) -> str | None:
        """The archive that holds this member now; None for a file."""
        return self._members(uri).archive_of(uri) if may_be_member(uri) else None

    def standing(self, uri: str) -> Iterator[Listed]:
        """The objects there now under this uri, or under that of an archive it may lie in."""
        return self._members(uri).standing(uri)

    def _members(self, uri: str) -> MemberStore:
        kept = _through(self.reader) if self.reader else _kept(uri.partition(":")[0], self.access)
        if kept is None:
            raise UnknownStore(uri, KNOWN)
        return kept


@lru_cache(maxsize=8)
def _through(reader: Reader) -> MemberStore:
    return MemberStore(SparkStore(reader))


@lru_cache(maxsize=64)
def _kept(scheme: str, access: Access) -> MemberStore | None:
    match scheme:
        case "file":
            return MemberStore(LocalStore())
        case "s3" | "s3a" | "s3n":
            return MemberStore(_s3(access))
        case "abfss" | "abfs" | "wasbs" | "wasb" | "https":
            return MemberStore(_azure(access))
        case "gs":
            return MemberStore(_gcs(access))
    return None


def _s3(access: Access) -> ClearableStore:
    with client_of("aws", "s3"):
        from triggers.stores.s3 import S3Store
    return S3Store(access.s3)


def _azure(access: Access) -> ClearableStore:
    with client_of("azure", "abfss"):
        from triggers.stores.azure import AzureStore
    return AzureStore(access.azure)


def _gcs(access: Access) -> ClearableStore:
    with client_of("gcp", "gs"):
        from triggers.stores.gcs import GcsStore
    return GcsStore(access.gcs)
