"""A trailer is no record; what it claims of the file is held against the file."""

from collections.abc import Callable
from typing import Any

import pytest

from streaming.errors import FileBroken

Made = Callable[..., Any]
HEADER = b"id,symbol,time,side,price,qty\n"
LINE = b"t%d,AAPL,2025-01-31T09:30:00Z,B,1.5,%s\n"
ROWS = LINE % (1, b"0.1") + LINE % (2, b"0.2") + LINE % (3, b"-1e-1")
TOTALS = {
    "pattern": r"^END\|",
    "count": r"^END\|(\d+)",
    "sum": {"column": "qty", "pattern": r"^END\|\d+\|(.*)$"},
}


def profile(trades: Made, trailer: dict[str, Any] = TOTALS, **dialect: Any) -> Any:
    return trades(dialect={"trailer": trailer, **dialect})


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n"])
def test_a_trailer_whose_totals_are_true_is_framing(read: Made, trades: Made, end: bytes) -> None:
    for most in (None, 1):
        done = read(HEADER + ROWS + b"END|3|0.20" + end, profile(trades), most=most)
        assert [trade["line"] for trade in done.trades] == [2, 3, 4]
        assert done.counts.framing_lines == done.counts.lines - 3
        assert done.rejects == []


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (ROWS, r"the trailer is missing: no line at the end matches '\^END"),
        (b"", "the trailer is missing"),
        (ROWS + b"END|4|0.2\n", "the trailer on line 5 says 4 records, the file holds 3: the file is cut short"),
        (ROWS + b"END|3|0.21\n", "line 5 says 0.21 as the sum of qty, the file holds 0.2:"),
        (ROWS + b"END|3|\n", "line 5 gives '' as the sum of qty, which is no number"),
        (ROWS + b"END|x|1\n", r"line 5 \('END\|x\|1'\) gives nothing records: correct the pattern"),
        (ROWS + b"END|3|0.2\n" + ROWS, "a trailer stands on line 5 .* but records follow it"),
        (ROWS + b"END|3|0.2\n" + ROWS + b"END|6|0.4\n", "a trailer stands on line 5 .* but records follow it"),
        (ROWS + LINE % (4, b"?") + b"END|4|0.3\n", r"holds 0.2 \(1 records hold no number\)"),
    ],
)
def test_a_trailer_that_is_missing_misplaced_or_untrue_breaks_the_file(
    read: Made, trades: Made, data: bytes, says: str
) -> None:
    for most in (None, 7):
        with pytest.raises(FileBroken, match=says):
            read(HEADER + data, profile(trades), most=most)


def test_rejects_are_records_too(read: Made, trades: Made) -> None:
    counted = profile(trades, {"pattern": "^END", "count": r"(\d+)$"})
    done = read(HEADER + ROWS + b"bad\nEND 4", counted)
    assert (done.counts.records, done.counts.rejected) == (4, 1)


def test_totals_of_something_else_are_not_compared(read: Made, trades: Made) -> None:
    daily = profile(trades, {**TOTALS, "check": False})
    assert read(HEADER + ROWS + b"END|99|7\n", daily).counts.trades == 3
    with pytest.raises(FileBroken, match="trailer is missing"):
        read(HEADER + ROWS, daily)


def test_several_trailer_lines_may_share_the_claims(read: Made, trades: Made) -> None:
    shared = profile(trades, {"pattern": "^(N|S)=", "count": "^N=(.+)", "sum": {"column": "qty", "pattern": "^S=(.+)"}})
    data = HEADER + ROWS + b"N=3\nS=0.2\n"
    assert read(data, shared).counts.framing_lines == 3
    with pytest.raises(FileBroken, match=r"line 6 says 0\.3 as the sum"):
        read(data.replace(b"0.2\n", b"0.3\n").replace(b",0.3", b",0.2"), shared)


def test_a_trailer_is_told_by_the_text_of_the_file(read: Made, trades: Made) -> None:
    wide = profile(trades, {"pattern": r"^END\|\|", "count": r"\|\|(\d+)"}, delimiter="||")
    assert read((HEADER + ROWS).replace(b",", b"||") + b'END||3||"', wide).counts.trades == 3


def test_sums_are_exact_to_any_digit(read: Made, trades: Made) -> None:
    rows = LINE % (1, b"9" * 60 + b".5") + LINE % (2, b"1e-50") + LINE % (3, b"1" + b"0" * 59)
    total = b"END|3|1" + b"0" + b"9" * 59 + b".5" + b"0" * 48 + b"1"
    assert read(HEADER + rows + total, profile(trades)).counts.trades == 3


@pytest.mark.parametrize(
    ("rule", "quantities", "total"),
    [
        ({"decimal": ",", "thousands": "."}, ("1.000,5", "2,25"), "1.002,75"),
        ({"thousands": ","}, ("1,000", "2"), "1,002"),
        ({"scale": 100}, ("150", "250"), "400"),  # in the units of the file
        ({"absolute": True}, ("-3", "1"), "-2"),
        ({"strip": "EUR"}, ("3 EUR", "1 EUR"), "4 EUR"),
        ({"pattern": r"^(?P<value>[0-9]+) lots$"}, ("3 lots", "1 lots"), "4"),
        ({"decimal": ",", "trim": True}, (" 3,5 ", "1"), " 4,5 "),
    ],
)
def test_a_sum_is_read_as_the_profile_reads_its_column(
    read: Made, trades: Made, rule: dict[str, Any], quantities: tuple[str, str], total: str
) -> None:
    written = {"columns": {"quantity": {"column": "qty", **rule}}}
    rows = b"".join(LINE.replace(b",", b";") % (n, text.encode()) for n, text in enumerate(quantities))
    header, end = HEADER.replace(b",", b";"), f"END|2|{total}\n".encode()
    made = trades(**written, dialect={"trailer": TOTALS, "delimiter": ";"})
    assert len(read(header + rows + end, made).trades) == 2
    with pytest.raises(FileBroken, match="as the sum of qty"):
        read(header + rows + end.replace(b"2|", b"2|9"), made)
    with pytest.raises(FileBroken, match="which is no number"):
        read(header + rows + b"END|2|1;2\n", made)
