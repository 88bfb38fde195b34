"""Every oddity of a dialect by a file of hand: exact lines, values and reasons, and books that balance."""

from collections.abc import Callable
from typing import Any

import pytest

from streaming.errors import FileBroken
from streaming.reading import chunks

Made = Callable[..., Any]
HEADER = b"id,symbol,time,side,price,qty\n"
LINE = b"t%d,AAPL,2025-01-31T09:30:00Z,B,1.5,2\n"
NAMES = ["id", "symbol", "time", "side", "price", "qty"]


def seen(done: Any, name: str = "symbol") -> list[tuple[int, Any]]:
    return [(trade["line"], trade[name]) for trade in done.trades]


def books(done: Any) -> tuple[int, int, int]:
    return done.counts.lines, done.counts.framing_lines, done.counts.records


@pytest.mark.parametrize("delimiter", ["\t", "|", ";", "||", "::", "~^~", "§", "¦¦", "|~", "\x1f", "aXa"])
def test_fields_are_cut_at_any_delimiter(read: Made, trades: Made, delimiter: str) -> None:
    sign = delimiter.encode()
    data = (HEADER + LINE % 1).replace(b",", sign) + sign.join(
        [b"t2", b'"A' + sign + b'"""', b"2025-01-31T09:30:00Z", b"B", b"1", b"2\n"]
    )
    done = read(data + sign.join([b"t3", b"x\n"]), trades(dialect={"delimiter": delimiter}))
    assert seen(done) == [(2, "AAPL"), (3, f'A{delimiter}"')]
    assert done.reasons == [(4, None, "2 fields where 6 are expected")]
    assert done.rejects[0]["raw"] == f"t3{delimiter}x"


def test_a_delimiter_of_several_characters_is_found_from_the_left(read: Made, trades: Made) -> None:
    data = HEADER.replace(b",", b"||") + b"t1||A|||2025-01-31T09:30:00Z||B||1||2\n".replace(b"A|||", b"A|B||")
    assert seen(read(data, trades(dialect={"delimiter": "||"}))) == [(2, "A|B")]
    done = read(HEADER.replace(b",", b"||") + b"t1||A|||x||B||1||2\n", trades(dialect={"delimiter": "||"}))
    assert done.reasons == [(2, "time", 'event_time "|x" is not an ISO time')] or done.rejects[0]["column"] == "time"


def test_control_characters_of_the_file_stay_its_own(read: Made, trades: Made) -> None:
    kept = bytes(range(1, 32)).replace(b"\n", b"").replace(b"\r", b"")
    data = HEADER.replace(b",", b"||") + (LINE % 1).replace(b",", b"||").replace(b"AAPL", kept)
    assert seen(read(data, trades(dialect={"delimiter": "||"}))) == [(2, kept.decode())]


def test_quotes_that_do_not_pair_are_found_at_any_delimiter(read: Made, trades: Made) -> None:
    data = HEADER.replace(b",", b"::") + b't1::"A"x::c::d::e::f\nt2::"a::b::c::d::e\n'
    done = read(data, trades(dialect={"delimiter": "::"}))
    assert [(line, "do not pair" in reason) for line, _, reason in done.reasons] == [(2, True), (3, True)]
    assert done.rejects[0]["raw"] == 't1::"A"x::c::d::e::f'


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (rb"A\,B", "A,B"),
        (rb'"A\"B"', 'A"B'),
        (rb'"A""B"', 'A"B'),
        (rb"A\\", "A\\"),
        (rb'"A\\"', "A\\"),
        (rb"A\\\,B", "A\\,B"),
        (rb"C:\new", r"C:\new"),
        (rb"\"A\"", '"A"'),
        (rb'"A,\\\"B"', 'A,\\"B'),
    ],
)
def test_a_backslash_before_what_would_end_a_value_takes_its_meaning(
    read: Made, trades: Made, written: bytes, value: str
) -> None:
    data = HEADER + (LINE % 1).replace(b"AAPL", written) + b"t2\\,x\n"
    done = read(data, trades(dialect={"escape": "\\"}))
    assert seen(done) == [(2, value)]
    assert done.rejects[0]["raw"] == "t2\\,x"


def test_an_escaped_quote_ends_no_value_that_holds_line_ends(read: Made, trades: Made) -> None:
    data = HEADER + (LINE % 1).replace(b"AAPL", b'"A\\"\n,\\\\"') + LINE % 2
    for most in (None, 1):
        done = read(data, trades(dialect={"escape": "\\", "newlines_in_values": True}), most=most)
        assert seen(done) == [(2, 'A"\n,\\'), (4, "AAPL")]


def test_delimiters_of_several_characters_may_be_escaped(read: Made, trades: Made) -> None:
    data = (HEADER + LINE % 1).replace(b",", b"||").replace(b"AAPL", b"A\\||B")
    assert seen(read(data, trades(dialect={"escape": "\\", "delimiter": "||", "quote": ""}))) == [(2, "A||B")]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("preamble", [3, {"until": "^id,"}, {"until": "symbol"}])
def test_a_preamble_is_framing_whatever_it_holds(read: Made, trades: Made, preamble: Any, end: bytes) -> None:
    data = end.join([b'Report of "today', b"", b"a,b\0,\xff,c", HEADER[:-1], (LINE % 1)[:-1], b"", b"t2,x", b""])
    profile = trades(dialect={"preamble": preamble})
    done = read(data, profile)
    assert (seen(done), books(done)) == ([(5, "AAPL")], (7, 5, 2))
    assert done.reasons == [(7, None, "2 fields where 6 are expected")]
    for place in range(1, len(data)):
        assert read(data, profile, cuts=[place]) == done, place
    assert read(b"\xef\xbb\xbf" + data, profile, cuts=range(1, len(data)), most=1) == done


def test_a_preamble_may_stand_before_records_without_a_header(read: Made, trades: Made) -> None:
    data = b"made by us\n" + LINE % 1
    for preamble in (1, {"until": "^t1"}):
        done = read(data, trades(dialect={"header": False, "columns": NAMES, "preamble": preamble}))
        assert (seen(done, "trade_id"), books(done)) == ([(2, "t1")], (2, 1, 1))


def test_an_empty_file_or_one_of_its_preamble_alone_holds_no_records(read: Made, trades: Made) -> None:
    assert books(read(b"", trades(dialect={"preamble": {"until": "x"}}))) == (0, 0, 0)
    for data in (b"a\nb\n", b"a\nb"):
        assert books(read(data, trades(dialect={"preamble": 2}))) == (2, 2, 0)


@pytest.mark.parametrize(
    ("data", "preamble", "says"),
    [
        (b"title\n" + LINE % 1, {"until": "^id,"}, r"no line within the first MiB matches .*'\^id,'; the file begins"),
        (b"x" * 1_100_000 + b"\n" + HEADER, {"until": "^id,"}, "no line within the first MiB"),
        (b"y\n" * 600_000 + HEADER, {"until": "^id,"}, "no line within the first MiB"),
        (b"title\n", 3, "the preamble of 3 lines is not over within the file"),
    ],
)
def test_a_preamble_without_an_end_breaks_the_file(
    read: Made, trades: Made, data: bytes, preamble: Any, says: str
) -> None:
    for cuts in ([], [4]):
        with pytest.raises(FileBroken, match=says):
            read(data, trades(dialect={"preamble": preamble}), cuts=cuts)


def test_comments_are_framing_wherever_they_stand(read: Made, trades: Made) -> None:
    data = b"# made by us\n\n#\n" + HEADER + LINE % 1 + b'# a "remark, \0\xff\r\n' + LINE % 2 + b" #3\n# the end"
    profile = trades(dialect={"comment": "#"})
    done = read(data, profile)
    assert (seen(done, "trade_id"), books(done)) == ([(5, "t1"), (7, "t2")], (9, 6, 3))
    assert done.reasons == [(8, None, "1 fields where 6 are expected")]
    for place in range(1, len(data)):
        assert read(data, profile, cuts=[place]) == done, place


def test_a_header_that_looks_like_a_comment_is_found_by_the_preamble(read: Made, trades: Made) -> None:
    data = b"# made by us\n#" + HEADER + b"# remark\n" + LINE % 1
    profile = trades(dialect={"comment": "#", "preamble": {"until": "^#id"}})
    done = read(data, profile)
    assert (seen(done), books(done)) == ([(4, "AAPL")], (4, 3, 1))
    for place in range(1, len(data)):
        assert read(data, profile, cuts=[place]) == done, place


@pytest.mark.parametrize("most", [None, 1, 7])
def test_a_quote_in_a_comment_opens_no_value_and_a_value_may_look_like_one(
    read: Made, trades: Made, most: int | None
) -> None:
    data = HEADER + b'# 5" of rain\n' + (LINE % 1).replace(b"AAPL", b'"A\n# "" no comment\nB"') + b'# "\n' + LINE % 2
    done = read(data, trades(dialect={"comment": "#", "newlines_in_values": True}), most=most)
    assert seen(done) == [(3, 'A\n# " no comment\nB'), (7, "AAPL")]
    assert books(done) == (7, 3, 2)


def test_empty_fields_at_the_end_are_counted(read: Made, trades: Made) -> None:
    data = HEADER + b"".join((LINE % n)[:-1] + end for n, end in enumerate([b",,\n", b"\n", b",x,\n", b",,,\n"], 1))
    done = read(data, trades(dialect={"trailing_empty": 2}))
    assert seen(done, "trade_id") == [(2, "t1")]
    assert [(line, reason[:30]) for line, _, reason in done.reasons] == [
        (3, "6 fields where 8 are expected"),
        (4, "one of the last 2 fields is no"),
        (5, "9 fields where 8 are expected"),
    ]


def test_records_of_another_shape_are_read_under_their_own_names(read: Made, trades: Made) -> None:
    shape = {"fields": 8, "columns": ["id", "symbol", "ccy", "time", "side", "price", "qty", "note"]}
    profile = trades(dialect={"shapes": [shape]}, columns={"currency": "ccy"})
    other = b'u%d,MSFT,USD,2025-01-31T09:30:00Z,S,3,4,"a,b"\n'
    data = (
        HEADER
        + LINE % 1
        + other % 1
        + b"x,y\n"
        + LINE % 2
        + other % 2
        + b'u3,5" pipe,USD,2025-01-31T09:30:00Z,S,3,4,\n'
    )
    done = read(data, profile)
    assert seen(done, "trade_id") == [(2, "t1"), (3, "u1"), (5, "t2"), (6, "u2"), (7, "u3")]
    assert [trade["currency"] for trade in done.trades] == [None, "USD", None, "USD", "USD"]
    assert [trade["attributes"] for trade in done.trades[:2]] == [None, '{"note":"a,b"}']
    assert done.reasons == [(4, None, "2 fields where 6 or 8 are expected")]
    for place in range(1, len(data)):
        assert read(data, profile, cuts=[place]) == done


def test_records_of_one_shape_alone_are_read(read: Made, trades: Made) -> None:
    shape = {"fields": 3, "columns": ["id", "symbol", "ccy"]}
    profile = trades(dialect={"shapes": [shape]}, columns={"currency": "ccy"})
    assert seen(read(HEADER + LINE % 1, profile)) == [(2, "AAPL")]
    done = read(HEADER + b"a,b,c\n", profile)
    assert (done.trades, done.reasons[0][:2]) == ([], (2, "time"))


def test_a_shape_as_wide_as_the_header_gives_way_to_it_with_all_its_names(read: Made, trades: Made) -> None:
    shape = {"fields": 6, "columns": ["id", "symbol", "time", "side", "price", "amount"]}
    done = read(HEADER + LINE % 1, trades(dialect={"shapes": [shape]}))
    assert (seen(done), done.trades[0]["attributes"]) == ([(2, "AAPL")], None)


@pytest.mark.parametrize("most", [None, 1])
def test_lines_that_end_in_carriage_returns_alone_are_lines(read: Made, trades: Made, most: int | None) -> None:
    data = (b"\n" + HEADER + LINE % 1 + b"\n" + LINE % 2 + b"t3,x\n").replace(b"\n", b"\r")
    for ended in (data, data[:-1]):
        done = read(ended, most=most)
        assert (seen(done, "trade_id"), books(done)) == ([(3, "t1"), (5, "t2")], (6, 3, 3))
        assert read(ended, cuts=[1, 20, 50], most=most) == done
    titled = trades(dialect={"preamble": 2})
    assert seen(read(b"title\r" + data, titled, cuts=[3, 9]), "trade_id") == [(4, "t1"), (6, "t2")]


def test_carriage_returns_that_turn_into_line_feeds_break_the_file(read: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 1000)  # how much is looked at before it is taken for granted
    many = (HEADER + LINE % 1 * 30).replace(b"\n", b"\r")
    with pytest.raises(FileBroken, match="end in carriage returns at first and in line feeds later"):
        read(many + LINE % 2, most=100)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "latin-1", "cp1252", "cp1251"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_texts_of_other_encodings_are_read_with_any_line_end(read: Made, trades: Made, encoding: str, end: str) -> None:
    symbol = "Газ€" if encoding == "cp1251" else "Zürich" + "€" * (encoding != "latin-1")
    data = (HEADER + LINE % 1).decode().replace("AAPL", symbol).replace("\n", end)
    for most in (None, 1, 3):
        done = read(data.encode(encoding), trades(dialect={"encoding": encoding}), most=most)
        assert (seen(done), books(done)) == ([(2, symbol)], (2, 1, 1))


def test_a_byte_order_mark_before_utf_16_of_a_named_order_is_none_of_the_text(read: Made, trades: Made) -> None:
    data = ("\ufeff" + (HEADER + LINE % 1).decode()).encode("utf-16-le")
    assert seen(read(data, trades(dialect={"encoding": "utf-16-le", "header_trim": False}))) == [(2, "AAPL")]


def test_utf_8_that_is_declared_otherwise_breaks_the_file(read: Made, trades: Made) -> None:
    with pytest.raises(FileBroken, match="begins as UTF-8 does, and the profile says cp1252"):
        read(b"\xef\xbb\xbf" + HEADER, trades(dialect={"encoding": "cp1252"}))
    with pytest.raises(FileBroken, match="not cp1252 near byte 0"):
        read(HEADER + b"\x81", trades(dialect={"encoding": "cp1252"}))


def test_all_oddities_at_once(read: Made, trades: Made) -> None:
    dialect = {
        "delimiter": "||", "escape": "\\", "header_case": "ignore", "comment": "//", "trailing_empty": 1,
        "preamble": {"until": "(?i)symbol"}, "encoding": "utf-16", "newlines_in_values": True,
        "trailer": {"pattern": "^END", "count": "^END ([0-9]+)", "sum": {"column": "qty", "pattern": "=(.*)$"}},
    }  # fmt: skip
    text = 'Überschrift "\r#ID||Symbol||Time||Side||PX||px||Qty\r// "note\r'
    text += 't1||"A\\"||\rB"||2025-01-31T09:30:00Z||B||1||2||3.5||\r\rEND 1 =3.50\r'
    profile = trades(dialect=dialect, columns={"price": "px", "ignore": ["px_2"]})
    done = read(text.encode("utf-16"), profile, most=1)
    assert [(trade["line"], trade["symbol"], trade["price"]) for trade in done.trades] == [(4, 'A"||\nB', "1")]
    assert books(done) == (7, 5, 1)
