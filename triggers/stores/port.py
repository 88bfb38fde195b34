"""What every store can do; three calls that S3, Azure, Google and a disk all have."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class Listed:
    """One object version as the store shows it now; `modified_at` is the store's, aware, in UTC."""

    uri: str
    version: str
    size: int
    modified_at: datetime


def uncounted() -> None:
    """Nobody counts the requests of a listing."""


class Store(Protocol):
    """Lists a prefix, looks at one object, opens exactly one version of it."""

    def list(
        self, prefix_uri: str, after: str | None = None, counting: Callable[[], None] = uncounted
    ) -> Iterator[Listed]:
        """Every object under the prefix whose uri comes after `after`, ascending by the uri's UTF-8 bytes.

        Lazy, in bounded memory. `counting` is called for each LIST request (on a disk: for each folder that is
        read), but for those that a client repeats by itself. Raises PrefixMissing where the store can tell,
        StoreUnavailable, and, after everything else was yielded, ListingIncomplete for places that could not be read.
        """

    def stat(self, uri: str) -> Listed | None:
        """What is there now, or None. Raises Unreadable, StoreUnavailable."""

    def open(self, uri: str, version: str, start: int = 0, end: int | None = None) -> AbstractContextManager[BinaryIO]:
        """The bytes [start, end) of exactly this version, to be read forwards once.

        `end` None, or past the last byte, reads to the last byte. Raises VersionVanished, VersionChanged,
        Unreadable, StoreUnavailable: on entering, while reading, or on leaving; until the context was left
        without an error nothing that was read may count.
        """


class ClearableStore(Store, Protocol):
    """A store whose objects may go once they are loaded."""

    def remove(self, uri: str, version: str) -> bool:
        """Delete exactly this version; False, and nothing done, where it is not (any more) what is there."""

    def move(self, uri: str, version: str, to_uri: str) -> bool:
        """Copy this version to another uri of the same store, then remove it; False as `remove` says."""


def dated(stream: BinaryIO) -> datetime | None:
    """The store's own time (aware, UTC) of the version that `open` gave, where reading it tells; a disk's does not."""
    found: datetime | None = getattr(stream, "modified_at", None)
    return found
