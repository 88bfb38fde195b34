"""Files are dealt out without loss, and a file cut anywhere is the same file."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streaming.profiles.profile import Profile
from streaming.reading.beginnings import Head
from streaming.reading.splits import SourceFile, Split, cut

MiB = 1024 * 1024
PROFILE = Profile.load("demo-exchange")
NAMES = ["trade_id", "symbol", "executed_at", "side", "price", "quantity", "currency"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def files(*sizes: int, name: str = "t.csv") -> list[SourceFile]:
    return [SourceFile(n, f"file:///in/{n}/{name}", "v", size) for n, size in enumerate(sizes)]


def test_small_files_are_packed_together_in_order() -> None:
    tasks = cut(files(*[6_000] * 1_000), 32 * MiB, by_range=True)
    assert [split.file_id for task in tasks for split in task] == list(range(1_000))
    assert 2 <= len(tasks) <= 4
    assert all(split.start == 0 and split.end is None for task in tasks for split in task)


def test_a_large_file_is_cut_into_even_ranges_that_cover_it() -> None:
    (file,) = files(100 * MiB + 1)
    splits = [split for task in cut([file], 32 * MiB, by_range=True) for split in task]
    assert [split.index for split in splits] == [0, 1, 2, 3]
    assert [split.start for split in splits[1:]] == [split.end for split in splits[:-1]]
    assert (splits[0].start, splits[-1].end) == (0, None)
    assert max(split.length for split in splits) - min(split.length for split in splits) <= 1
    assert sum(split.length for split in splits) == file.size


@pytest.mark.parametrize(("name", "by_range"), [("t.csv.gz", True), ("T.CSV.GZ", True), ("t.csv", False)])
def test_packed_files_and_layouts_with_quoted_newlines_are_not_cut(name: str, by_range: bool) -> None:
    ((split,),) = cut(files(100 * MiB, name=name), 32 * MiB, by_range=by_range)
    assert (split.start, split.end) == (0, None)


def test_files_are_cut_only_where_the_profile_allows(trades: Callable[..., Any]) -> None:
    assert PROFILE.may_be_cut
    assert Profile.model_validate(trades(dialect={"preamble": 3, "comment": "#", "delimiter": "||"})).may_be_cut
    for dialect in ({"newlines_in_values": True}, {"encoding": "utf-16"}, {"trailer": {"pattern": "^END"}}):
        assert not Profile.model_validate(trades(dialect=dialect)).may_be_cut


def test_no_files_are_no_tasks() -> None:
    assert cut([], 32 * MiB, by_range=True) == []


texts = st.text(st.sampled_from("aé,\"'€😀 x\t\\"), max_size=6)
prices = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(lambda d: f"{d:f}"),
    st.sampled_from(["", "x", "1,5", "nan", "1e5", ".5", "1" * 40, "0x1"]),
)
times = st.one_of(
    st.datetimes(datetime(1960, 1, 1), datetime(2300, 1, 1)).map(lambda t: f"{t:%Y-%m-%dT%H:%M:%S.%f}123Z"),  # noqa: DTZ001
    st.sampled_from(["", "2025-02-30T00:00:00.000000000Z", "2025-01-31T09:30:00.123456789Z"]),
)
rows = st.tuples(texts, texts, times, st.sampled_from(["B", "S", "", "b"]), prices, prices, texts)


def written(row: tuple[str, ...], quoted: bool) -> bytes:
    fields = [f'"{text.replace(chr(34), chr(34) * 2)}"' if quoted or set(text) & set(',"') else text for text in row]
    return ",".join(fields).encode()


raw_lines = st.one_of(
    st.builds(written, rows, st.booleans()),
    st.builds(written, rows, st.booleans()),
    st.sampled_from(
        [b"", b"a,b", b"a,b,c,d,e,f,g,h", b"\xff\xfe", b"a\0b,c", b'x,"y', b'"x"y,z', b"p\rq", b'a"b,"c', b'"']
    ),
)
bodies = st.lists(st.tuples(raw_lines, st.sampled_from([b"\n", b"\n", b"\r\n"])), max_size=12)


@st.composite
def whole_files(draw: st.DrawFn) -> bytes:
    blank = draw(st.sampled_from([b"", b"\n", b"\r\n\n"]))
    header = ",".join(NAMES).encode()
    data = draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + blank + header + b"\n"
    data += b"".join(line + end for line, end in draw(bodies))
    return data.removesuffix(b"\n") if draw(st.booleans()) else data


def oracle(data: bytes) -> tuple[list[tuple[Any, ...]], list[int], int]:
    """Trades with their lines, lines rejected, and lines in all, by csv and decimal, one line at a time."""
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    lines = lines if lines[-1] else lines[:-1]
    good: list[tuple[Any, ...]] = []
    bad: list[int] = []
    header = False
    for number, line in enumerate(lines, 1):
        line = line.removesuffix(b"\r")
        if not line:
            continue
        if not header:
            header = True
            continue
        trade = one(line)
        good.append((number, *trade)) if trade else bad.append(number)
    return good, bad, len(lines)


def one(line: bytes) -> tuple[Any, ...] | None:
    try:
        text = line.decode()
        if "\0" in text or "\r" in text:
            return None
        (fields,) = list(csv.reader([text], strict=True))
        trade_id, symbol, time, side, price, quantity, currency = fields
        at, nanos = moment(time)
        exact = (number(price), number(quantity))
    except (ValueError, csv.Error, InvalidOperation):
        return None
    if not trade_id or not symbol or side not in ("B", "S"):
        return None
    return trade_id, symbol, at, nanos, {"B": "buy", "S": "sell"}[side], *exact, currency or None


def number(text: str) -> Decimal:
    value = Decimal(text)
    if not value.is_finite():
        raise ValueError(text)
    return value


def moment(text: str) -> tuple[int, int]:
    whole = datetime.fromisoformat(text[:26] + "+00:00")
    if not 1970 <= whole.year <= 2262:
        raise ValueError(text)
    return (whole - EPOCH) // timedelta(microseconds=1), int(text[26:29])


def seen(trade: dict[str, Any]) -> tuple[Any, ...]:
    exact = (Decimal(trade["price"]), Decimal(trade["quantity"]))
    keys = ("line", "trade_id", "symbol", "event_us", "event_nanos", "side")
    return (*(trade[key] for key in keys), *exact, trade["currency"])


@settings(max_examples=150, deadline=None)
@given(data=whole_files(), places=st.lists(st.integers(1, 400), max_size=5), most=st.sampled_from([None, 1, 7, 64]))
def test_a_file_cut_anywhere_is_what_csv_and_decimal_say_it_is(
    read: Any, data: bytes, places: list[int], most: int | None
) -> None:
    good, bad, lines = oracle(data)
    done = read(data, PROFILE, cuts=[place for place in places if place < len(data)], most=most)
    assert [seen(trade) for trade in done.trades] == good
    assert [reject["line"] for reject in done.rejects] == bad
    assert done.counts.lines == lines
    assert done.counts.records == len(good) + len(bad)
    assert done.counts.framing_lines == lines - len(good) - len(bad)


def test_a_file_cut_at_every_byte_is_the_same_file(read: Any) -> None:
    data = b"\xef\xbb\xbf\r\n" + ",".join(NAMES).encode() + b"\r\n"
    data += b"1,A,2025-01-31T09:30:00Z,B,1,2,USD\n\nbad\n2,B,2025-01-31T09:30:00Z,S,1,2,"
    whole = read(data, PROFILE)
    assert (whole.counts.trades, whole.counts.rejected, whole.counts.lines) == (2, 1, 6)
    for place in range(1, len(data)):
        assert read(data, PROFILE, cuts=[place]) == whole
    assert read(data, PROFILE, cuts=range(1, len(data))) == whole


@pytest.mark.parametrize("at", range(1, 9))
def test_each_line_of_a_preamble_is_counted_in_the_split_in_which_it_begins(at: int) -> None:
    head = Head(b"ab\nc\n\nd\n", b"id,px", 8)  # lines begin at 0, 3, 5 and 6
    first, second = Split(1, "f", "v", 20, 0, 0, at), Split(1, "f", "v", 20, 1, at)
    begun = sum(begin < at for begin in (0, 3, 5, 6))
    assert (head.preamble_lines(first), head.preamble_lines(second)) == (begun, 4 - begun)
