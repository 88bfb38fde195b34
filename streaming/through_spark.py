"""Files listed and read through Spark's binaryFile, for places where only Spark has the rights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from streaming.locations import spark_path, uri_of_spark
from triggers.errors import StoreUnavailable
from triggers.stores.spark import Row

_COLUMNS = ("path", "unix_millis(modificationTime) AS modified_ms", "length")
#: Of Spark's error classes, those that say that a file is not there (any more).
_GONE = ("PATH_NOT_FOUND", "FAILED_READ_FILE.FILE_NOT_EXIST")


@dataclass(frozen=True, slots=True)
class ThroughSpark:
    """Finds the session of its own process; only the driver has one."""

    def below(self, prefix_uri: str, after: str | None) -> Iterator[Row] | None:
        """One listing, sorted by Spark, which compares text by its bytes as the port wants it."""
        from pyspark.errors import PySparkException

        try:
            frame = _files(_session(), [prefix_uri]).selectExpr(*_COLUMNS)
        except PySparkException as refused:
            if _is_gone(refused):
                return None
            raise StoreUnavailable(prefix_uri, _told(refused)) from refused
        return self._rows(frame.orderBy("path"), prefix_uri, after)

    def _rows(self, frame: Any, prefix_uri: str, after: str | None) -> Iterator[Row]:
        from pyspark.errors import PySparkException

        try:
            for found in frame.toLocalIterator():
                one = row(found.asDict(), prefix_uri)
                if after is None or one.uri.encode() > after.encode():
                    yield one
        except PySparkException as refused:
            raise StoreUnavailable(prefix_uri, _told(refused)) from refused

    def one(self, uri: str, *, content: bool) -> Row | None:
        """A folder's files are no file: what is found must have this very name."""
        from pyspark.errors import PySparkException

        columns = (*_COLUMNS, "content") if content else _COLUMNS
        try:
            found = _files(_session(), [uri]).selectExpr(*columns).limit(1).collect()
        except PySparkException as refused:
            if _is_gone(refused):
                return None
            raise StoreUnavailable(uri, _told(refused)) from refused
        rows = [row(one.asDict(), uri) for one in found]
        return next((one for one in rows if one.uri == uri), None)


def contents(session: Any, uris: Sequence[str]) -> Any:
    """A frame of path, modified_ms, length and content of these files; those that are gone are not in it."""
    from pyspark.errors import PySparkException

    try:
        return _files(session, uris).selectExpr(*_COLUMNS, "content")
    except PySparkException as refused:
        if not _is_gone(refused):
            raise
    there = [uri for uri in uris if ThroughSpark().one(uri, content=False)]
    return _files(session, there).selectExpr(*_COLUMNS, "content") if there else None


def _files(session: Any, uris: Sequence[str]) -> Any:
    source = session.read.format("binaryFile").option("recursiveFileLookup", "true")
    return source.option("ignoreMissingFiles", "true").load([spark_path(uri) for uri in uris])


def row(found: dict[str, Any], prefix: str) -> Row:
    """A file from the columns that are selected here."""
    content = found.get("content")
    uri = uri_of_spark(found["path"], prefix)
    return Row(uri, found["modified_ms"], found["length"], None if content is None else bytes(content))


def _session() -> Any:
    from pyspark.sql import SparkSession

    return SparkSession.active()


def _is_gone(refused: Any) -> bool:
    return any(name in str(refused) for name in _GONE)


def _told(refused: Exception) -> str:
    return str(refused).strip().split("\n")[0]
