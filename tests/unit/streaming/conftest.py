"""Reading bytes through a profile without a disk, cut and served in any way a store may."""

import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import date
from itertools import pairwise
from typing import Any, BinaryIO, Protocol

import pytest

from streaming.passage.parsing import SplitCounts, read_split
from streaming.profiles.profile import Profile
from streaming.reading.splits import Split
from triggers.stores.port import Listed, uncounted

TRADES: dict[str, Any] = {
    "name": "trades",
    "version": "1",
    "columns": {
        "trade_id": "id",
        "symbol": "symbol",
        "venue": {"const": "X"},
        "event_time": "time",
        "side": {"column": "side", "values": {"B": "buy", "S": "sell"}},
        "price": "price",
        "quantity": "qty",
    },
    "identity": {"kind": "id"},
}
HEADER = b"id,symbol,time,side,price,qty\n"


class SlowStream(io.BytesIO):
    """Gives no more than `most` bytes a read, as a socket may."""

    def __init__(self, data: bytes, most: int | None) -> None:
        super().__init__(data)
        self._most = most

    def read(self, size: int | None = -1) -> bytes:
        wanted = size if size is not None and size >= 0 else None
        limits = [limit for limit in (wanted, self._most) if limit is not None]
        return super().read(min(limits) if limits else -1)


class OneFile:
    """A store that holds one version of one file."""

    def __init__(self, data: bytes, most: int | None = None) -> None:
        self.data, self.most, self.opened = data, most, 0

    def list(
        self, prefix_uri: str, after: str | None = None, counting: Callable[[], None] = uncounted
    ) -> Iterator[Listed]:
        return iter(())

    def stat(self, uri: str) -> Listed | None:
        return None

    @contextmanager
    def open(self, uri: str, version: str, start: int = 0, end: int | None = None) -> Iterator[BinaryIO]:
        self.opened += 1
        yield SlowStream(self.data[start:end], self.most)


@dataclass
class Read:
    """All that came of a file; lines are those of the file."""

    trades: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[dict[str, Any]] = field(default_factory=list)
    counts: SplitCounts = field(default_factory=SplitCounts)

    @property
    def reasons(self) -> list[tuple[int, str | None, str]]:
        return [(reject["line"], reject["column"], reject["reason"]) for reject in self.rejects]

    def add(self, counts: SplitCounts) -> None:
        for item in fields(SplitCounts):
            mine, more = getattr(self.counts, item.name), getattr(counts, item.name)
            setattr(self.counts, item.name, _joined(item.name, mine, more))


def _joined(name: str, mine: Any, more: Any) -> Any:
    if name == "ignored_by":
        return dict(Counter(mine) + Counter(more))
    if not name.endswith("_date"):
        return mine + more
    known: list[date] = [day for day in (mine, more) if day is not None]
    return (min if name == "min_date" else max)(known, default=None)


class Reader(Protocol):
    def __call__(
        self, data: bytes, profile: Any = ..., uri: str = ..., cuts: Sequence[int] = ..., most: int | None = ...
    ) -> Read: ...


def read_bytes(
    data: bytes,
    profile: Any = TRADES,
    uri: str = "file:///in/trades.csv",
    cuts: Sequence[int] = (),
    most: int | None = None,
) -> Read:
    """Read bytes as a file, cut at the given places; `most` bounds what one read of the store gives."""
    store = OneFile(data, most)
    read = Read()
    bound = profile if isinstance(profile, Profile) else Profile.model_validate(profile)
    edges = [0, *sorted(cuts), None]
    for index, (start, end) in enumerate(pairwise(edges)):
        split = Split(1, uri, "v", len(data), index, start or 0, end)
        reader = read_split(split, bound, store)
        before = read.counts.lines
        for page in reader:
            for rows, batch in ((read.trades, page.trades), (read.rejects, page.rejects)):
                rows += [{**row, "line": row["line"] + before} for row in batch.to_pylist()]
        read.add(reader.counts)
    return read


@pytest.fixture(scope="session")
def read() -> Reader:
    """Read bytes through a profile and give back trades, rejects and counts."""
    return read_bytes


@pytest.fixture(scope="session")
def trades() -> Callable[..., dict[str, Any]]:
    """A profile of plain trades; arguments are put over its top-level keys."""

    def made(**over: Any) -> dict[str, Any]:
        columns = {**TRADES["columns"], **over.pop("columns", {})}
        return {**TRADES, "columns": {key: rule for key, rule in columns.items() if rule is not None}, **over}

    return made


@pytest.fixture(scope="session")
def row() -> Callable[..., bytes]:
    """A file of a header and one trade, with other values where given."""

    def made(**over: str) -> bytes:
        values = {"id": "t1", "symbol": "AAPL", "time": "2025-01-31T09:30:00Z", "side": "B", "price": "1.5", "qty": "2"}
        values |= over
        return (",".join(values) + "\n" + ",".join(values.values()) + "\n").encode()

    return made
