"""Header names as vendors write them, found by the names that the profile has for them."""

from collections.abc import Callable
from typing import Any

import pytest

from streaming.errors import FileBroken
from streaming.profiles.dialects import Dialect
from streaming.profiles.profile import Profile
from streaming.reading.headers import header_names

Made = Callable[..., Any]
LINE = b"t1,AAPL,2025-01-31T09:30:00Z,B,1.5,2"


@pytest.mark.parametrize(
    ("line", "dialect", "names"),
    [
        (b'#Id, Price ,"Last Qty"', {}, ("Id", "Price", "Last Qty")),
        (b"# 'Id', \"Price\"", {"quote": ""}, ("Id", "Price")),
        ("\ufeffId,Price\u00a0".encode(), {}, ("Id", "Price")),
        (b"#,No #, \t,''", {"quote": ""}, ("#", "No #", "column_3", "column_4")),
        (b'#Id, Price ,"Last Qty"', {"header_trim": False}, ("#Id", " Price ", "Last Qty")),
        (b",a,,", {}, ("column_1", "a", "column_3", "column_4")),
        (b"a,b,a,a,a_2", {}, ("a", "b", "a_3", "a_4", "a_2")),
        (b"Px,PX,px", {}, ("Px", "PX", "px")),
        (b"Px,PX,px", {"header_case": "ignore"}, ("Px", "PX_2", "px_3")),
        (b"a||b|c||d", {"delimiter": "||"}, ("a", "b|c", "d")),
        (b'"a||b"||c', {"delimiter": "||"}, ("a||b", "c")),
        ("a§b".encode(), {"delimiter": "§"}, ("a", "b")),
        (b'a\\,b,"c\\"d",e\\\\', {"escape": "\\"}, ("a,b", 'c"d', "e\\")),
    ],
)
def test_names_are_cut_trimmed_and_numbered(line: bytes, dialect: dict[str, Any], names: tuple[str, ...]) -> None:
    assert header_names(line, Dialect(**dialect)) == names


@pytest.mark.parametrize(
    ("header", "dialect"),
    [
        (b"#id, symbol ,time,'side',price,qty", {"quote": ""}),
        (b"ID,Symbol,TIME,Side,Price,QTY", {"header_case": "ignore"}),
    ],
)
def test_columns_are_found_however_their_names_are_dressed(
    read: Made, trades: Made, header: bytes, dialect: dict[str, Any]
) -> None:
    done = read(header + b"\n" + LINE + b"\n", trades(dialect=dialect))
    assert (done.trades[0]["trade_id"], done.trades[0]["quantity"], done.trades[0]["attributes"]) == ("t1", "2", None)


def test_a_profile_may_write_a_name_as_the_file_does(read: Made, trades: Made) -> None:
    header = b"#id,symbol,time,side,Price,qty\n"
    profile = trades(dialect={"header_case": "ignore"}, columns={"trade_id": "#id", "price": "PRICE"})
    assert read(header + LINE, profile).trades[0]["price"] == "1.5"


def test_a_name_in_another_case_is_offered_with_the_way_out(read: Made) -> None:
    with pytest.raises(FileBroken, match=r'no column "price".*did you mean "Price"\? \(header_case = "ignore"'):
        read(b"id,symbol,time,side,Price,qty\n" + LINE)


def test_a_repeated_name_breaks_only_the_file_of_a_profile_that_uses_it(read: Made, trades: Made) -> None:
    data = b"id,symbol,time,side,price,qty,note,note\n" + LINE + b",x,y\n"
    assert read(data).trades[0]["attributes"] == '{"note":"x","note_2":"y"}'
    data = data.replace(b"note", b"price")
    with pytest.raises(FileBroken, match=r'"price" twice, .*name "price_2" in keep or ignore'):
        read(data)
    first = read(data, trades(columns={"ignore": ["price_2", "price_3"]}))
    assert first.trades[0]["price"] == "1.5"
    second = read(data.replace(b",y", b",7"), trades(columns={"price": "price_3", "ignore": ["price", "price_2"]}))
    assert second.trades[0]["price"] == "7"


def test_a_profile_names_a_column_in_one_way(trades: Made) -> None:
    with pytest.raises(ValueError, match='"PRICE" and "price" are one column to this dialect'):
        Profile.model_validate(trades(dialect={"header_case": "ignore"}, columns={"keep": ["PRICE"]}))


def test_a_column_without_a_name_is_kept_under_its_place_or_refused(read: Made, trades: Made) -> None:
    data = b",id,symbol,time,side,price,qty\n" + b"17," + LINE + b"\n"
    assert read(data).trades[0]["attributes"] == '{"column_1":"17"}'
    with pytest.raises(FileBroken, match='"column_1" is unknown'):
        read(data, trades(columns={"unknown_columns": "refuse"}))
    assert read(data, trades(columns={"version": "column_1"})).trades[0]["version"] == "17"
