"""Trades and rejects as DataFrames, for notebooks: the job's own pass, without a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from sinks.trade import REJECTS, STAGED
from streaming.archives import landing
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


def trades(spark: Any, uris: Sequence[str], profile: Profile | str, stores: Stores | None = None) -> Frames:
    """The trades and rejects of these files, each read in a task of its own when the frame is used.

    The profile may be given by its name or the path of its .toml file. A zip stands for all its members, each under
    its own uri, `archive.zip!member`. `stores` tells how clouds are reached; by default at
    their own addresses.

    Prices and quantities are exact text; cast them to the decimal you need. Works on a Connect session too.
    Raises ProfileError, and when used FileBroken, VersionVanished and what the store raises.
    """
    known = profile if isinstance(profile, Profile) else Profile.load(profile)
    return Frames(*(_frame(spark, tuple(uris), known, kind, stores or Stores()) for kind in ("trades", "rejects")))


def _frame(spark: Any, uris: tuple[str, ...], profile: Profile, kind: str, stores: Stores) -> Any:
    schema = pa.schema([pa.field("uri", pa.string()), *(STAGED if kind == "trades" else REJECTS)])
    ddl = ", ".join(f"`{f.name}` {_SPARK_TYPES[f.type]}" for f in schema)
    parts = max(len(uris), 1)
    return spark.range(0, len(uris), 1, parts).mapInArrow(_read(uris, profile, kind, schema, stores), ddl)


def _read(
    uris: tuple[str, ...], profile: Profile, kind: str, schema: pa.Schema, stores: Stores
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_numpy():
                for uri, page in _pages(uris[number], profile, stores):
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
