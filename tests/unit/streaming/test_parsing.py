"""Files as they come: every line is a trade, a reject with its number, or framing; or the file is broken."""

import gzip
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from streaming.errors import FileBroken
from streaming.passage.parsing import read_split
from streaming.profiles.profile import Profile
from streaming.reading.splits import SourceFile, whole
from triggers.errors import VersionChanged
from triggers.stores.local import LocalStore, uri_of

HEADER = b"id,symbol,time,side,price,qty\n"
LINE = b"t%d,AAPL,2025-01-31T09:30:00Z,B,1.5,2\n"
ROWS = b"".join(LINE % n for n in range(1, 4))

Made = Callable[..., Any]


def ids(read: Any) -> list[str]:
    return [trade["trade_id"] for trade in read.trades]


def test_a_plain_file_becomes_trades_with_their_lines(read: Made) -> None:
    done = read(HEADER + ROWS)
    assert [(trade["line"], trade["trade_id"]) for trade in done.trades] == [(2, "t1"), (3, "t2"), (4, "t3")]
    assert (done.counts.lines, done.counts.framing_lines, done.counts.records) == (4, 1, 3)
    assert str(done.counts.min_date) == str(done.counts.max_date) == "2025-01-31"


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", HEADER, HEADER[:-1], b"\n\n\r\n", b"\xef\xbb\xbf" + HEADER])
def test_an_empty_or_header_only_file_holds_no_records(read: Made, data: bytes) -> None:
    done = read(data)
    assert (done.counts.records, done.trades, done.rejects) == (0, [], [])
    lines = data.removeprefix(b"\xef\xbb\xbf")
    assert done.counts.lines == done.counts.framing_lines == len(lines.splitlines())


def test_an_empty_file_without_a_header_holds_no_records(read: Made, trades: Made) -> None:
    headless = trades(dialect={"header": False, "columns": ["id", "symbol", "time", "side", "price", "qty"]})
    assert read(b"", headless).counts.lines == 0
    assert ids(read(ROWS, headless)) == ["t1", "t2", "t3"]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + HEADER + ROWS,
        (HEADER + ROWS).replace(b"\n", b"\r\n"),
        HEADER + ROWS[:-1],
        (HEADER + ROWS).replace(b"\n", b"\r\n")[:-2],
        b"\n\r\n" + HEADER + b"\n" + ROWS.replace(b"\n", b"\n\n"),
        b'"id","symbol","time","side","price","qty"\n' + ROWS.replace(b"AAPL", b'"AAPL"').replace(b"1.5", b'"1.5"'),
    ],
)
def test_bom_line_ends_blank_lines_and_quotes_change_nothing(read: Made, data: bytes) -> None:
    done = read(data)
    assert ids(done) == ["t1", "t2", "t3"]
    assert (done.rejects, done.counts.lines) == ([], len(data.splitlines()))
    numbers = [n for n, line in enumerate(data.splitlines(), 1) if b"AAPL" in line]
    assert [trade["line"] for trade in done.trades] == numbers


def test_columns_are_found_by_name_in_any_order(read: Made) -> None:
    done = read(b"qty,price,time,symbol,id,side\n2,1.5,2025-01-31T09:30:00Z,AAPL,t1,B\n")
    assert (done.trades[0]["price"], done.trades[0]["quantity"], done.trades[0]["symbol"]) == ("1.5", "2", "AAPL")


def test_a_missing_column_breaks_the_file_and_is_named_with_what_is_like_it(read: Made) -> None:
    with pytest.raises(FileBroken, match=r'no column "price" \(for price\); did you mean "Price"\?'):
        read(b"id,symbol,time,side,Price,qty\n" + ROWS)


def test_unknown_columns_are_kept_ignored_or_refused_as_the_profile_says(read: Made, trades: Made) -> None:
    data = HEADER[:-1] + b",zeta,alpha\n" + LINE[:-1] % 1 + b',a"b\\c,\xc3\xa9\n' + LINE[:-1] % 2 + b",,x\n"
    attributes = [trade["attributes"] for trade in read(data).trades]
    assert attributes == ['{"alpha":"é","zeta":"a\\"b\\\\c"}', '{"alpha":"x"}']
    ignoring = trades(columns={"unknown_columns": "ignore", "keep": ["alpha"]})
    assert read(data, ignoring).trades[0]["attributes"] == '{"alpha":"é"}'
    with pytest.raises(FileBroken, match='"alpha" is unknown'):
        read(data, trades(columns={"unknown_columns": "refuse", "ignore": ["zeta"]}))


def test_short_and_long_rows_are_rejected_with_their_lines(read: Made) -> None:
    done = read(HEADER + LINE % 1 + b"t2,AAPL\n\n" + LINE[:-1] % 3 + b",more\n" + LINE % 4)
    assert ids(done) == ["t1", "t4"]
    expected = "fields where 6 are expected"
    assert done.reasons == [(3, None, f"2 {expected}"), (5, None, f"7 {expected}")]
    assert done.rejects[0]["raw"] == "t2,AAPL"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"t2,AA\0PL,2025-01-31T09:30:00Z,B,1,2", "NUL byte"),
        (b"t2,AA\xffPL,2025-01-31T09:30:00Z,B,1,2", "not valid UTF-8"),
        (b"t2,AA\rPL,2025-01-31T09:30:00Z,B,1,2", "carriage return"),
    ],
)
def test_bytes_that_are_no_text_reject_their_line_alone(read: Made, bad: bytes, reason: str) -> None:
    done = read(HEADER + LINE % 1 + bad + b"\r\n" + LINE % 3)
    assert ids(done) == ["t1", "t3"]
    assert [trade["line"] for trade in done.trades] == [2, 4]
    (reject,) = done.rejects
    assert reason in reject["reason"]
    raw = reject["raw"]
    assert (raw.encode().decode("unicode_escape").encode("latin-1") if reject["raw_escaped"] else raw.encode()) == bad


@pytest.mark.parametrize(
    "bad",
    [
        b't2,"AAPL,2025-01-31T09:30:00Z,B,1,2',  # never ended: pyarrow would swallow what follows
        b't2,"AAPL"x,2025-01-31T09:30:00Z,B,1,2',  # glued to AAPLx by pyarrow
        b't2,a"b,"c,B,1,2',  # an even count of quotes, and yet not ended
    ],
)
def test_quotes_that_do_not_pair_reject_their_line_alone(read: Made, bad: bytes) -> None:
    done = read(HEADER + LINE % 1 + bad + b"\n" + LINE % 3)
    assert ids(done) == ["t1", "t3"]
    assert [(line, "quotes do not pair" in reason) for line, _, reason in done.reasons] == [(3, True)]


def test_quoted_delimiters_and_doubled_quotes_are_values(read: Made) -> None:
    done = read(HEADER + b't1,"A,""B""",2025-01-31T09:30:00Z,B,1,2\nt2,5" pipe,2025-01-31T09:30:00Z,B,1,2\n')
    assert [trade["symbol"] for trade in done.trades] == ['A,"B"', '5" pipe']


def test_without_a_quote_character_quotes_are_text(read: Made, trades: Made) -> None:
    done = read(HEADER + b't1,"AAPL,2025-01-31T09:30:00Z,B,1,2\n', trades(dialect={"quote": ""}))
    assert done.trades[0]["symbol"] == '"AAPL'


@pytest.mark.parametrize("most", [None, 7])
def test_quoted_newlines_are_values_where_they_are_declared(read: Made, trades: Made, most: int | None) -> None:
    data = HEADER + LINE % 1 + b't2,"A\n\r\n\rB",2025-01-31T09:30:00Z,B,1,2\n\n' + LINE % 3
    done = read(data, trades(dialect={"newlines_in_values": True}), most=most)
    assert [(trade["line"], trade["symbol"]) for trade in done.trades] == [(2, "AAPL"), (3, "A\n\r\n\rB"), (7, "AAPL")]
    counts = done.counts
    assert (counts.lines, counts.framing_lines, counts.records) == (7, 2, 3)


def test_a_quoted_newline_that_is_not_declared_rejects_its_lines(read: Made) -> None:
    done = read(HEADER + b't1,"A\nB",2025-01-31T09:30:00Z,B,1,2\n' + LINE % 2)
    assert ids(done) == ["t2"]
    assert [line for line, _, _ in done.reasons] == [2, 3]


def test_a_quote_that_never_ends_breaks_a_file_of_quoted_newlines(read: Made, trades: Made) -> None:
    with pytest.raises(FileBroken, match="not ended before the end of the file"):
        read(HEADER + b't1,"A\n' + ROWS, trades(dialect={"newlines_in_values": True}))


def test_a_line_of_10_mib_is_read_and_one_over_16_mib_breaks_the_file(read: Made, trades: Made) -> None:
    kept = trades(columns={"account": "note"})
    big = b"x" * (10 * 1024 * 1024)
    data = HEADER[:-1] + b",note\n" + LINE[:-1] % 1 + b"," + big + b"\n" + LINE[:-1] % 2 + b",y\n"
    done = read(data, kept)
    assert [(trade["line"], len(trade["account"])) for trade in done.trades] == [(2, len(big)), (3, 1)]
    with pytest.raises(FileBroken, match="longer than 16 MiB"):
        read(data.replace(big, big * 2), kept)


def test_gzip_is_known_by_its_bytes_and_may_have_several_members(read: Made) -> None:
    packed = gzip.compress(HEADER + LINE % 1) + gzip.compress(LINE % 2 + LINE[:10] % 3) + gzip.compress(LINE[10:])
    for name in ("trades.csv.gz", "trades.csv"):
        done = read(packed + b"\0" * 100, uri=f"file:///in/{name}", most=11)
        assert (ids(done)[:2], done.counts.lines) == (["t1", "t2"], 4)


def test_a_packed_file_that_was_cut_after_all_is_read_once(read: Made) -> None:
    packed = gzip.compress(HEADER + ROWS)
    assert ids(read(packed, cuts=[5, 20, 40])) == ["t1", "t2", "t3"]


def test_a_truncated_gzip_breaks_the_file_wherever_it_ends(read: Made) -> None:
    packed = gzip.compress(HEADER + ROWS)
    for end in range(2, len(packed)):
        with pytest.raises(FileBroken, match="truncated"):
            read(packed[:end])


def test_a_damaged_gzip_breaks_the_file(read: Made) -> None:
    packed = bytearray(gzip.compress(HEADER + ROWS))
    packed[-6] ^= 1  # the checksum
    with pytest.raises(FileBroken, match="damaged"):
        read(bytes(packed))
    with pytest.raises(FileBroken, match="not gzip follows"):
        read(gzip.compress(HEADER) + b"trailing text")


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"PK\x03\x04....", "t.csv", "zip archive"),
        (b"PAR1....", "t.csv", "Parquet"),
        (b'\xef\xbb\xbf{"isin": "DE0007164600", "lastTrade": 98.75}\n', "t.csv", "is JSON"),
        (b'[\n {"id":1,"price":"1.5"},\n {"id":2,"price":"1.6"}]\n', "t.json", "is JSON"),
        (gzip.compress(b"[[1747612800074,1.5]]\n", mtime=0), "t.json.gz", "is JSON"),
        (b"<!DOCTYPE HTML><title>Sign in</title>\n", "t.csv", "an HTML page"),
        (b'<?xml version="1.0"?>\n<trades/>\n', "t.csv", "is XML"),
        (HEADER, "t.csv.gz", "not gzip"),
        ("id,…\n".encode("utf-16"), "t.csv", "UTF-16"),
        (b"id,sym\rbol\nt1,AAPL\r\n", "t.csv", "carriage return"),
    ],
)
def test_what_is_no_text_of_lines_is_said_by_name(read: Made, data: bytes, name: str, says: str) -> None:
    with pytest.raises(FileBroken, match=says):
        read(data, uri=f"file:///in/{name}")


def test_other_encodings_are_read_where_they_are_declared(read: Made, trades: Made) -> None:
    data = (HEADER + LINE % 1).decode().replace("AAPL", "Zürich")
    for encoding in ("cp1252", "utf-16"):
        done = read(data.encode(encoding), trades(dialect={"encoding": encoding}), most=5)
        assert (done.trades[0]["symbol"], done.counts.lines) == ("Zürich", 2)
    with pytest.raises(FileBroken, match="not ascii"):
        read(data.encode(), trades(dialect={"encoding": "ascii"}))


def test_equal_rows_are_all_trades(read: Made) -> None:
    done = read(HEADER + (LINE % 1) * 1695)
    assert (done.counts.trades, [trade["line"] for trade in done.trades]) == (1695, list(range(2, 1697)))


@pytest.mark.parametrize("good", [True, False])
def test_a_file_that_is_replaced_while_it_is_read_is_another_version_and_not_broken(
    tmp_path: Path, good: bool, trades: Made
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(HEADER + ROWS if good else b"PK\x03\x04")
    store, profile = LocalStore(), Profile.model_validate(trades())
    seen = store.stat(uri_of(path))
    assert seen is not None

    class ReplacedMeanwhile(LocalStore):
        def open(self, uri: str, version: str, start: int = 0, end: int | None = None) -> Any:
            opened = super().open(uri, version, start, end)
            stream = opened.__enter__()
            path.with_name("new").write_bytes(HEADER)
            path.with_name("new").rename(path)
            return Resumed(opened, stream)

    with pytest.raises(VersionChanged):
        list(read_split(whole(SourceFile(1, seen.uri, seen.version, seen.size)), profile, ReplacedMeanwhile()))


class Resumed(AbstractContextManager[BinaryIO]):
    """A context that was entered already."""

    def __init__(self, opened: AbstractContextManager[BinaryIO], stream: BinaryIO) -> None:
        self._opened, self._stream = opened, stream

    def __enter__(self) -> BinaryIO:
        return self._stream

    def __exit__(self, *error: Any) -> bool | None:
        return self._opened.__exit__(*error)


def test_lines_of_nothing_but_blanks_are_framing_as_empty_ones_are(read: Made, row: Made) -> None:
    done = read(row() + b"   \n\n \t \r\n" + row().splitlines()[1] + b"\n  ", cuts=[60])
    assert (done.reasons, done.counts.records, done.counts.framing_lines) == ([], 2, 5)
    assert [trade["line"] for trade in done.trades] == [2, 6]
