"""What oddities cost the pass that reads and judges a file: in one process, without Spark and PostgreSQL.

Every variant holds the same trades. Packed files are told with the share of time that the library's own
decompression took, by profile.
"""

from __future__ import annotations

import bz2
import cProfile
import gzip
import io
import lzma
import pstats
import time
import zipfile
from pathlib import Path
from typing import Any

from benchmarks import trades
from benchmarks.line import Line
from benchmarks.rig import Rig
from streaming.archives import landing
from streaming.passage.parsing import read_split
from streaming.profiles.profile import Profile
from streaming.reading.splits import SourceFile, whole
from triggers.stores import Stores
from triggers.stores.local import uri_of

TRIES = 5
PLAIN: dict[str, Any] = {
    "name": "plain", "version": "1", "identity": {"kind": "id"}, "dialect": {"quote": ""},
    "columns": {
        "trade_id": "trade_id", "symbol": "symbol", "venue": "venue", "event_time": "executed_at",
        "side": {"column": "side", "values": {"B": "buy", "S": "sell"}}, "price": "price", "quantity": "quantity",
        "currency": "currency",
    },
}  # fmt: skip
DIALECT: dict[str, Any] = {
    "delimiter": "||", "escape": "\\", "comment": "#", "preamble": {"until": "(?i)^trade_id"}, "header_case": "ignore",
    "trailing_empty": 1, "trailer": {"pattern": "^END", "count": r"^END (\d+)"},
}  # fmt: skip
VALUES: dict[str, Any] = PLAIN["columns"] | {
    "event_time": {"column": "executed_at", "format": "%d-%b-%Y %H:%M:%S.%f", "zone": "Asia/Tokyo"},
    "price": {"column": "price", "decimal": ",", "thousands": ".", "pattern": r"^(?P<value>[\d.,]+) [A-Z]+$"},
    "quantity": {"column": "quantity", "absolute": True},
    "side": {"sign_of": "quantity"},
}


def oddities(rig: Rig) -> list[Line]:
    """The same trades plain, with every oddity of a dialect, of values, of both, and packed."""
    rows = rig.rows(500_000)
    folder = rig.folder / "oddities"
    folder.mkdir()
    plain = trades.text(trades.numbers(0, rows), "random")
    base = _seconds(_put(folder / "plain.csv", trades.HEADER + plain), PLAIN, rows)
    return [
        *_odd(folder, plain, rows, base),
        *(_packed(folder, kind, trades.HEADER + plain, rows, base) for kind in ("gz", "bz2", "xz", "zip")),
    ]


def _odd(folder: Path, plain: bytes, rows: int, base: float) -> list[Line]:
    dialect = {**PLAIN, "dialect": DIALECT}
    values = {**PLAIN, "columns": VALUES, "dialect": {"quote": "", "delimiter": "|"}}
    both = {**dialect, "columns": VALUES}
    written = plain.splitlines()
    files = {
        "every oddity of a dialect": (dialect, _dialect(written, quoted=False)),
        "the same, a quoted field with an escape in every row": (dialect, _dialect(written, quoted=True)),
        "every oddity of values": (values, _lines([trades.HEADER.strip().replace(b",", b"|"), *map(_valued, written)])),
        "every oddity of both": (both, _dialect(list(map(_valued, written)), quoted=False)),
    }
    lines = [Line(f"{rows:,} plain trades, read and judged", f"{base:.2f} s", "")]
    for number, (what, (profile, text)) in enumerate(files.items()):
        seconds = _seconds(_put(folder / f"odd-{number}.csv", text), profile, rows)
        lines.append(Line(what, f"{seconds:.2f} s = {seconds / base:.2f} x plain", "at most 3 x"))
    return lines


def _dialect(lines: list[bytes], quoted: bool) -> bytes:
    """Under a preamble, with comments among the lines, an empty field at each end and a trailer with their count."""
    out = [b"A report of trades", b"", trades.HEADER.strip().upper().replace(b",", b"||")]
    for number, line in enumerate(lines):
        fields = line.split(b",") if b"|" not in line else line.split(b"|")
        if quoted:
            fields[2] = b'"A\\"PL"'
        out.append(b"||".join(fields) + b"||")
        if number % 1000 == 0:
            out.append(b"# so far")
    return _lines([*out, b"END %d" % len(lines)])


def _lines(lines: list[bytes]) -> bytes:
    return b"\n".join(lines) + b"\n"


_MONTHS = b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def _valued(line: bytes) -> bytes:
    """Time with a month's name in an exchange's zone, price with decimal comma and unit, signed quantity."""
    trade, at, symbol, venue, side, price, quantity, currency = line.split(b",")
    at = b"%s-%s-%s %s" % (at[8:10], _MONTHS[int(at[5:7]) - 1], at[:4], at[11:26])
    return b"|".join(
        (
            trade,
            at,
            symbol,
            venue,
            side,
            price.replace(b".", b",") + b" EUR",
            b"-" * (side == b"S") + quantity,
            currency,
        )
    )


def _packed(folder: Path, kind: str, text: bytes, rows: int, base: float) -> Line:
    path = folder / f"packed.csv.{kind}" if kind != "zip" else folder / "packed.zip"
    _pack(path, kind, text)
    seconds = _seconds(path, PLAIN, rows)
    unpacking, whole_pass = _profiled(path, rows)
    told = f"{seconds:.2f} s = {seconds / base:.2f} x plain; decompression is {unpacking / whole_pass:.0%} of all"
    rest = (seconds * (1 - unpacking / whole_pass)) / base
    return Line(f"the same as {kind}", f"{told}, the rest {rest:.2f} x plain", "bound by decompression: rest about 1 x")


def _pack(path: Path, kind: str, text: bytes) -> None:
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("trades.csv", text)
    else:
        pack = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lambda data: lzma.compress(data, preset=1)}[kind]
        path.write_bytes(pack(text))


def _put(path: Path, text: bytes) -> Path:
    path.write_bytes(text)
    return path


def _seconds(path: Path, profile: dict[str, Any], rows: int) -> float:
    """The least seconds of processor time of some tries."""
    known = Profile.model_validate(profile)
    return min(_timed(path, known, rows) for _ in range(TRIES))


def _timed(path: Path, profile: Profile, rows: int) -> float:
    started = time.process_time()
    _pass(path, profile, rows)
    return time.process_time() - started


def _pass(path: Path, profile: Profile, rows: int) -> None:
    stores = Stores()
    listed = stores.of(uri_of(path)).stat(uri_of(path))
    assert listed is not None
    for one in landing(listed, stores):
        reader = read_split(whole(SourceFile(1, one.uri, one.version, one.size)), profile, stores.of(one.uri))
        read = sum(page.trades.num_rows for page in reader)
        if read != rows:
            raise RuntimeError(f"{path.name}: {read} of {rows} trades: {reader.counts}")


def _profiled(path: Path, rows: int) -> tuple[float, float]:
    """Seconds of processor time within the libraries' decompressors, and of the whole pass."""
    profiler, profile = cProfile.Profile(time.process_time), Profile.model_validate(PLAIN)
    profiler.runcall(_pass, path, profile, rows)
    stats: Any = pstats.Stats(profiler, stream=io.StringIO())
    inside = (spent[2] for (_, _, name), spent in stats.stats.items() if "decompress" in name and "method" in name)
    return sum(inside), float(stats.total_tt)
