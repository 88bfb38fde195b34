"""Trades and rejects as DataFrames, for notebooks: the job's own pass, without a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from sinks.trade import REJECTS, STAGED
from streaming import through_spark
from streaming.archives import landing
from streaming.feed_settings import ONLY_BY_SPARK
from streaming.passage.parsing import Page, read_split
from streaming.profiles.profile import Profile
from streaming.reading.splits import SourceFile, whole
from triggers.errors import VersionVanished
from triggers.stores import Stores

_SPARK_TYPES = {
    pa.int64(): "bigint", pa.int8(): "tinyint", pa.int16(): "smallint", pa.string(): "string",
    pa.date32(): "date", pa.bool_(): "boolean",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frames:
    """Two lazy DataFrames with the columns of sinks.trade.STAGED and REJECTS, and `uri` before them."""

    trades: Any
    rejects: Any


def trades(
    spark: Any, uris: Sequence[str], profile: Profile | str, stores: Stores | None = None, *, by_spark: bool = False
) -> Frames:
    """The trades and rejects of these files, each read in a task of its own when the frame is used.

    The profile may be given by its name or the path of its .toml file. A zip stands for all its members, each under
    its own uri, `archive.zip!member`. `stores` tells how clouds are reached; by default at
    their own addresses. With `by_spark` Spark brings the files' bytes, as it does from volumes of Databricks: a file
    that is gone is then left out.

    Prices and quantities are exact text; cast them to the decimal you need. Works on a Connect session too.
    Raises ProfileError, and when used FileBroken, VersionVanished and what the store raises.
    """
    known = profile if isinstance(profile, Profile) else Profile.load(profile)
    taken = any(uri.startswith(ONLY_BY_SPARK) for uri in uris) or by_spark
    files = _brought(spark, tuple(uris)) if taken else _named(spark, tuple(uris), stores or Stores())
    return Frames(*(files.frame(known, kind) for kind in ("trades", "rejects")))


@dataclass(frozen=True, slots=True)
class _Files:
    """Rows that stand for files, and how a task finds the files of a batch of such rows, with what reads them."""

    rows: Any
    found: Callable[[pa.RecordBatch], Iterator[tuple[str, Stores]]]

    def frame(self, profile: Profile, kind: str) -> Any:
        schema = pa.schema([pa.field("uri", pa.string()), *(STAGED if kind == "trades" else REJECTS)])
        ddl = ", ".join(f"`{f.name}` {_SPARK_TYPES[f.type]}" for f in schema)
        return self.rows.mapInArrow(_read(self.found, profile, kind, schema), ddl)


def _named(spark: Any, uris: tuple[str, ...], stores: Stores) -> _Files:
    """Each file in a task of its own."""

    def found(batch: pa.RecordBatch) -> Iterator[tuple[str, Stores]]:
        return ((uris[number], stores) for number in batch.column(0).to_numpy())

    return _Files(spark.range(0, len(uris), 1, max(len(uris), 1)), found)


def _brought(spark: Any, uris: tuple[str, ...]) -> _Files:
    """Files of which each is a row with all its content."""
    rows = through_spark.contents(spark, uris)
    if rows is None:
        raise VersionVanished(uris[0], "any")

    def found(batch: pa.RecordBatch) -> Iterator[tuple[str, Stores]]:
        held = [through_spark.row(one, uris[0]) for one in batch.to_pylist()]
        return ((one.uri, Stores.held(held)) for one in held)

    return _Files(rows, found)


def _read(
    found: Callable[[pa.RecordBatch], Iterator[tuple[str, Stores]]], profile: Profile, kind: str, schema: pa.Schema
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for file, stores in (each for batch in batches for each in found(batch)):
            for uri, page in _pages(file, profile, stores):
                rows = getattr(page, kind)
                named = pa.array([uri] * rows.num_rows, pa.string())
                yield pa.RecordBatch.from_arrays([named, *rows.columns], schema=schema)

    return read


def _pages(uri: str, profile: Profile, stores: Stores) -> Iterator[tuple[str, Page]]:
    """The pages of a file; of a zip those of all its members."""
    found = stores.of(uri).stat(uri)
    if found is None:
        raise VersionVanished(uri, "any")
    for one in landing(found, stores):
        file = SourceFile(0, one.uri, one.version, one.size)
        for page in read_split(whole(file), profile, stores.of(one.uri)):
            yield one.uri, page
