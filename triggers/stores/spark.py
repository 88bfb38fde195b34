"""A store whose files are listed and read by somebody else's hands, Spark's, where nobody else has the rights:
volumes, HDFS, any path of Hadoop. A version is the modification time in milliseconds and the length."""

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import BinaryIO, Protocol, cast

from triggers.errors import PrefixMissing, Unreadable, VersionChanged, VersionVanished
from triggers.stores.port import Listed, uncounted

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURE = "move files by the storage's own means, or leave after_load at keep"


@dataclass(frozen=True, slots=True)
class Row:
    """A file as Spark shows it: `modified_ms` since 1970 in UTC; `content` where it was asked for."""

    uri: str
    modified_ms: int
    length: int
    content: bytes | None = None

    @property
    def listed(self) -> Listed:
        """The file as every store shows it."""
        at = _EPOCH + timedelta(milliseconds=self.modified_ms)
        return Listed(self.uri, f"{self.modified_ms}-{self.length}", self.length, at)


class Reader(Protocol):
    """What looks through Spark; picklable, so that it finds the session of its own process."""

    def __hash__(self) -> int:
        """Stores of one reader are one store."""

    def below(self, prefix_uri: str, after: str | None) -> Iterator[Row] | None:
        """Files without content, ascending by their uri's bytes; None where there is no such place."""

    def one(self, uri: str, *, content: bool) -> Row | None:
        """One file; None where there is none. Raises StoreUnavailable."""


@dataclass(frozen=True, slots=True)
class SparkStore:
    """Files of no bytes are not seen: Spark's file source passes over them. Nothing can be removed or moved."""

    reader: Reader

    def list(
        self, prefix_uri: str, after: str | None = None, counting: Callable[[], None] = uncounted
    ) -> Iterator[Listed]:
        """As the port says; one job of Spark lists all of it."""
        counting()
        rows = self.reader.below(prefix_uri, after)
        if rows is None:
            raise PrefixMissing(prefix_uri)
        yield from (row.listed for row in rows)

    def stat(self, uri: str) -> Listed | None:
        """One small job of Spark."""
        row = self.reader.one(uri, content=False)
        return row.listed if row else None

    @contextmanager
    def open(self, uri: str, version: str, start: int = 0, end: int | None = None) -> Iterator[BinaryIO]:
        """The whole file comes into memory, whatever the range."""
        data = _whole(self.reader, uri, version) if start == 0 and end is None else _kept(self.reader, uri, version)
        yield cast(BinaryIO, io.BytesIO(data[start:end]))

    def remove(self, uri: str, version: str) -> bool:  # noqa: ARG002 - Spark only reads
        """Raises Unreadable."""
        raise Unreadable(uri, f"it is read through Spark, which removes nothing: {_CURE}")

    def move(self, uri: str, version: str, to_uri: str) -> bool:  # noqa: ARG002
        """Raises Unreadable."""
        raise Unreadable(uri, f"it is read through Spark, which moves nothing: {_CURE}")


def _whole(reader: Reader, uri: str, version: str) -> bytes:
    row = reader.one(uri, content=True)
    if row is None or row.content is None:
        raise VersionVanished(uri, version)
    if f"{row.modified_ms}-{row.length}" != version or len(row.content) != row.length:
        raise VersionChanged(uri, version, f"{row.modified_ms}-{len(row.content)}")
    return row.content


@lru_cache(maxsize=1)
def _kept(reader: Reader, uri: str, version: str) -> bytes:
    """The file that was read last: an archive is opened in many places, and each would bring all of it."""
    return _whole(reader, uri, version)


class HeldRows:
    """A Reader of files whose bytes Spark has brought to a task already."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = {row.uri: row for row in rows}

    def below(self, prefix_uri: str, after: str | None) -> Iterator[Row] | None:
        """Those of the rows."""
        uris = sorted((uri for uri in self._rows if uri.startswith(prefix_uri)), key=str.encode)
        return (self._rows[uri] for uri in uris if after is None or uri.encode() > after.encode())

    def one(self, uri: str, *, content: bool) -> Row | None:  # noqa: ARG002 - it is there anyway
        """One of the rows."""
        return self._rows.get(uri)
