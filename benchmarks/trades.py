"""Trades for the benchmarks: every value follows from a trade's number, so that runs can be compared."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

Ids = Literal["ascending", "random"]

_SYMBOLS = pa.array(["AAPL", "MSFT", "NVDA", "AMZN", "META", "TSLA", "INTC", "ORCL"])
_SIDES = pa.array(["B", "S"])
_MONTH_START = np.datetime64("2025-03-01T00:00:00", "us")
_MONTH = 31 * 86_400 * 1_000_000  # microseconds
_CHUNK = 250_000  # rows rendered at once
_OPTIONS = csv.WriteOptions(include_header=False, quoting_style="none")
HEADER = b"trade_id,executed_at,symbol,venue,side,price,quantity,currency\n"


def numbers(start: int, count: int) -> Any:
    """The numbers of `count` trades from `start` on."""
    return np.arange(start, start + count, dtype=np.int64)


def table(chosen: Any, ids: Ids, revision: int = 0) -> pa.Table:
    """The trades of these numbers as the columns of a file; another revision has another price, all else equal."""
    scattered = (chosen * 2_654_435_761) % 2**34  # an odd factor: no number twice
    at = _MONTH_START + (scattered * 155_921 % _MONTH).astype("timedelta64[us]")
    cents = 10_000 + scattered % 89_999 + revision
    return pa.table(
        {
            "trade_id": pa.array(20_000_000_000 + (scattered if ids == "random" else chosen)),
            "executed_at": pc.binary_join_element_wise(pa.array(np.datetime_as_string(at, unit="us")), "Z", ""),
            "symbol": _SYMBOLS.take(pa.array(scattered % 8)),
            "venue": pa.repeat("XNAS", len(chosen)),
            "side": _SIDES.take(pa.array(scattered % 2)),
            "price": pa.array(cents / 100),
            "quantity": pa.array(1 + scattered % 997),
            "currency": pa.repeat("USD", len(chosen)),
        }
    )


def text(chosen: Any, ids: Ids, revision: int = 0) -> bytes:
    """The lines of these trades, without a header."""
    out = io.BytesIO()
    for start in range(0, len(chosen), _CHUNK):
        csv.write_csv(table(chosen[start : start + _CHUNK], ids, revision), out, _OPTIONS)
    return out.getvalue()


def write(folder: Path, chosen: Any, files: int, ids: Ids, revision: int = 0, name: str = "trades") -> list[Path]:
    """Write the trades into so many files of equal size; the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}-{i:06d}.csv" for i in range(files)]
    for path, share in zip(paths, np.array_split(chosen, files), strict=True):
        path.write_bytes(HEADER + text(share, ids, revision))
    return paths


def write_small(folder: Path, count: int, rows: int, start: int = 0) -> int:
    """Write `count` files of `rows` trades each, ascending; how many files."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = text(numbers(start, count * rows), "ascending").splitlines(keepends=True)
    for i in range(count):
        path = folder / f"small-{start // rows + i:06d}.csv"
        path.write_bytes(HEADER + b"".join(lines[i * rows : (i + 1) * rows]))
    return count
