"""Zips as files and as those that they hold, read without a database."""

import csv
import io
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from streaming.archives import is_archive, landing
from streaming.errors import FileBroken
from streaming.frames import _pages
from streaming.passage.parsing import read_split
from streaming.profiles.profile import Profile
from streaming.reading.splits import SourceFile, cut, whole
from triggers.stores import Listed, Stores
from triggers.stores.local import uri_of

HEADER = b"id,symbol,time,side,price,qty\n"
LINE = b"t%d,AAPL,2025-01-31T09:30:00Z,B,1.5,2\n"


def read_whole(listed: Listed, profile: Profile) -> tuple[list[dict[str, Any]], Any]:
    file = SourceFile(1, listed.uri, listed.version, listed.size)
    reader = read_split(whole(file), profile, Stores().of(listed.uri))
    return [trade for page in reader for trade in page.trades.to_pylist()], reader.counts


def placed(folder: Path, members: dict[str, bytes]) -> Listed:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return listed_of(folder / "a.zip")


def listed_of(path: Path) -> Listed:
    found = Stores().of(uri_of(path)).stat(uri_of(path))
    assert found
    return found


@pytest.fixture
def profile(trades: Any) -> Profile:
    return Profile.model_validate(trades())


def test_a_zip_lands_as_its_members_and_any_other_file_as_itself(tmp_path: Path) -> None:
    archive = placed(tmp_path, {"b/": b"", "b/a.csv": HEADER, "__MACOSX/a.csv": b"", "c.csv.md5": b"", "d.csv": HEADER})
    assert [one.uri for one in landing(archive, Stores())] == [f"{archive.uri}!b/a.csv", f"{archive.uri}!d.csv"]
    member = next(landing(archive, Stores()))
    assert list(landing(member, Stores())) == [member]
    assert (is_archive(archive, Stores()), is_archive(member, Stores())) == (True, False)


def test_a_frame_of_a_zip_holds_the_rows_of_all_its_members_under_their_own_uris(
    tmp_path: Path, profile: Profile
) -> None:
    archive = placed(tmp_path, {"1.csv": HEADER + LINE % 1, "2.csv": HEADER + LINE % 2 + LINE % 3})
    rows = [(uri, page.trades.num_rows) for uri, page in _pages(archive.uri, profile, Stores())]
    assert rows == [(f"{archive.uri}!1.csv", 1), (f"{archive.uri}!2.csv", 2)]
    assert [uri for uri, _ in _pages(f"{archive.uri}!2.csv", profile, Stores())] == [f"{archive.uri}!2.csv"]


@pytest.mark.parametrize("header", [True, False])
def test_a_zip_is_told_before_anything_is_asked_of_its_path_or_header(
    tmp_path: Path, trades: Any, header: bool
) -> None:
    dialect = {"header": True} if header else {"header": False, "columns": HEADER.decode().strip().split(",")}
    path = {"pattern": r"(?P<symbol>[A-Z]+)\.csv"}
    made = Profile.model_validate(trades(dialect=dialect, path=path, columns={"symbol": {"path": "symbol"}}))
    archive = placed(tmp_path, {"AAPL.csv": LINE % 1})
    with pytest.raises(FileBroken, match="a zip archive"):
        read_whole(archive, made)


def test_a_large_member_is_not_cut(tmp_path: Path) -> None:
    archive = placed(tmp_path, {"a.csv": b"x" * 1_000})
    (member,) = landing(archive, Stores())
    files = [SourceFile(1, member.uri, member.version, member.size), SourceFile(2, "file:///b.csv", "1", 1_000)]
    assert [len(list(pieces)) for pieces in (cut([file], 100, by_range=True) for file in files)] == [1, 10]


def test_the_real_zip_of_a_vendor_is_read_to_its_end(cases: Path, trades: Any) -> None:
    """QuantConnect's AIG ticks: what the zip gives is what the csv beside it gives, and what `csv` reads."""
    made = Profile.model_validate(_lean(trades))
    archive = listed_of(cases / "trades" / "quantconnect-lean-equity-usa-tick-aig-20131007_trade.zip")
    unpacked = cases / "trades" / "quantconnect-lean-equity-tick-aig_20131007_trade.csv"
    (member,) = landing(archive, Stores())
    found, counts = read_whole(member, made)
    rows = list(csv.reader(io.StringIO(unpacked.read_text())))
    assert member.uri.endswith(".zip!20131007_aig_Trade_Tick.csv")
    assert (counts.records, counts.trades, counts.rejected, counts.ignored) == (len(rows), len(rows), 0, 0)
    assert [(Decimal(one["price"]), Decimal(one["quantity"])) for one in found] == _numbers(rows)
    assert found == read_whole(listed_of(unpacked), made)[0]
    assert counts.lines == len(rows)


def _lean(trades: Any) -> dict[str, Any]:
    names = ["time", "price", "size", "exchange", "condition", "suspicious"]
    columns = {
        "trade_id": None, "side": None, "symbol": {"const": "AIG"}, "venue": "exchange", "quantity": "size",
        "event_time": {"column": "time", "format": "epoch", "unit": "ms"},
    }  # fmt: skip
    made: dict[str, Any] = trades(
        dialect={"header": False, "columns": names}, columns=columns, identity={"kind": "content"}
    )
    return made


def _numbers(rows: Sequence[Sequence[str]]) -> list[tuple[Decimal, Decimal]]:
    return [(Decimal(row[1]), Decimal(row[2])) for row in rows]
