"""Times are exact to the nanosecond, in any unit and shape that a profile can declare."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.profiles.rules import TimeRule
from streaming.values.times import Fault, parse_times
from streaming.values.zones import to_local, to_utc

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read(*texts: str, **rule: Any) -> list[tuple[int, int] | Fault]:
    """(microseconds, nanoseconds below) or the fault, one for each text."""
    times = parse_times(pa.array(texts, pa.string()), TimeRule(column="t", **rule))
    rows = zip(times.us.tolist(), times.nanos.tolist(), times.faults.tolist(), strict=True)
    return [Fault(fault) if fault else (us, nanos) for us, nanos, fault in rows]


def us(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("text", "at", "nanos"),
    [
        ("2020-12-28T13:00:00.098821953Z", "2020-12-28T13:00:00.098821+00:00", 953),
        ("2020-12-28 13:00:00Z", "2020-12-28T13:00:00+00:00", 0),
        ("2020-12-28T13:00:00.5+05:30", "2020-12-28T13:00:00.500000+05:30", 0),
        ("2020-12-28T13:00:00.123456789-0500", "2020-12-28T13:00:00.123456-05:00", 789),
        ("2020-02-29T23:59:59.999999999+01", "2020-02-29T23:59:59.999999+01:00", 999),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00+00:00", 0),
        ("2262-12-31T23:59:59.999999999Z", "2262-12-31T23:59:59.999999+00:00", 999),
    ],
)
def test_iso_times_are_read_to_the_nanosecond(text: str, at: str, nanos: int) -> None:
    assert read(text) == [(us(at), nanos)]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Fault.TEXT),
        ("2021-02-29T00:00:00Z", Fault.TEXT),
        ("2100-02-29T00:00:00Z", Fault.TEXT),
        ("2021-13-01T00:00:00Z", Fault.TEXT),
        ("2021-00-10T00:00:00Z", Fault.TEXT),
        ("2021-01-01T24:00:00Z", Fault.TEXT),
        ("2021-01-01T23:60:00Z", Fault.TEXT),
        ("2021-01-01T23:59:60Z", Fault.TEXT),
        ("2021-01-01T00:00:00.Z", Fault.TEXT),
        ("2021-01-01T00:00:00.1234567890Z", Fault.TEXT),
        ("2021-01-01T00:00:00+24:00", Fault.TEXT),
        ("2021/01/01T00:00:00Z", Fault.TEXT),
        ("2021-01-01x00:00:00Z", Fault.TEXT),
        ("2021-01-01T00:00:0éZ", Fault.TEXT),
        ("2021-01-01", Fault.TEXT),
        ("1969-12-31T23:59:59.999999999Z", Fault.RANGE),
        ("2263-01-01T00:00:00Z", Fault.RANGE),
        ("2262-12-31T23:30:00-01:00", Fault.RANGE),
        ("0000-01-01T00:00:00Z", Fault.RANGE),
        ("2021-01-01T00:00:00", Fault.NO_ZONE),
    ],
)
def test_what_is_no_possible_time_is_a_fault(text: str, fault: Fault) -> None:
    assert read(text) == [fault]
    assert read("2021-01-01T00:00:00Z", text, "2021-01-01T00:00:00.000000001Z")[1] == fault


@given(
    st.lists(
        st.tuples(
            st.datetimes(datetime(1971, 1, 1), datetime(2262, 1, 1)),  # noqa: DTZ001 (written without a zone)
            st.integers(0, 9),
            st.sampled_from(["Z", "+00:00", "-0730", "+14", "T", ""]),
            st.integers(0, 999),
        ),
        max_size=30,
    )
)
def test_any_mix_of_shapes_is_read_as_datetime_reads_it(moments: list[tuple[datetime, int, str, int]]) -> None:
    texts, expected = [], []
    for moment, decimals, zone, nanos in moments:
        fraction = f"{moment.microsecond:06d}{nanos:03d}"[:decimals]
        zone = "" if zone == "T" else zone
        texts.append(f"{moment:%Y-%m-%dT%H:%M:%S}" + (f".{fraction}" if decimals else "") + zone)
        whole = fraction.ljust(9, "0")
        aware = datetime.fromisoformat(f"{moment:%Y-%m-%dT%H:%M:%S}.{whole[:6]}" + (zone or "+00:00"))
        expected.append(((aware - EPOCH) // timedelta(microseconds=1), int(whole[6:])))
    assert read(*texts, zone="UTC") == expected


@pytest.mark.parametrize(
    ("unit", "text", "at", "nanos"),
    [
        ("s", "1315922016", 1315922016_000000, 0),
        ("s", "1356998659.486096123", 1356998659_486096, 123),
        ("s", "1356998659.", 1356998659_000000, 0),
        ("ms", "1717113600031", 1717113600_031000, 0),
        ("ms", "1717113600031.000250", 1717113600_031000, 250),
        ("us", "1735689600010866", 1735689600_010866, 0),
        ("us", "1735689600010866.5", 1735689600_010866, 500),
        ("ns", "1609160400098821953", 1609160400_098821, 953),
        ("ns", "9223372036854775807", 9223372036_854775, 807),
        ("s", "0", 0, 0),
        ("us", "0001735689600010866", 1735689600_010866, 0),
        ("us", "-0", 0, 0),
        ("s", "00.0", 0, 0),
        ("s", "1.0000000010000", 1_000000, 1),
    ],
)
def test_epoch_times_are_read_in_their_unit(unit: str, text: str, at: int, nanos: int) -> None:
    assert read(text, format="epoch", unit=unit) == [(at, nanos)]
    assert read("1", "x", text, format="epoch", unit=unit)[2] == (at, nanos)


@pytest.mark.parametrize(
    ("unit", "text", "fault"),
    [
        ("s", "", Fault.TEXT),
        ("s", "abc", Fault.TEXT),
        ("s", "0x4f000000", Fault.TEXT),
        ("s", "1e9", Fault.TEXT),
        ("us", "1.0001", Fault.TEXT),  # finer than a nanosecond
        ("ns", "1.5", Fault.TEXT),
        ("s", "1.0000000001", Fault.TEXT),
        ("s", ".5", Fault.TEXT),
        ("s", "-", Fault.TEXT),
        ("s", "-1", Fault.RANGE),
        ("s", "-0.5", Fault.RANGE),
        ("ns", "9223372036854775808", Fault.RANGE),
        ("ns", "1" * 30, Fault.RANGE),
        ("s", "1717113600031", Fault.RANGE),  # milliseconds, in truth
        ("ms", "1735689600010866", Fault.RANGE),  # microseconds, in truth
        ("s", "99999999999999999", Fault.RANGE),
    ],
)
def test_epoch_times_out_of_range_or_shape_are_faults(unit: str, text: str, fault: Fault) -> None:
    assert read(text, format="epoch", unit=unit) == [fault]
    assert read("1", text, format="epoch", unit=unit)[1] == fault


SPANS = [{"until": "2025-01-01", "unit": "ms"}, {"unit": "us"}]


def test_the_unit_may_change_at_a_day() -> None:
    last, first = 1735689599999, 1735689600000000
    assert read(str(last), str(first), format="epoch", unit=SPANS) == [(last * 1000, 0), (first, 0)]


def test_a_time_in_the_wrong_unit_for_its_day_is_out_of_range() -> None:
    after_in_ms, before_in_us = "1735689600000", "1735689599999999"
    assert read(after_in_ms, before_in_us, format="epoch", unit=SPANS) == [Fault.RANGE, Fault.RANGE]


def test_local_times_are_those_of_the_zone() -> None:
    texts = ["2025-01-31T09:30:00", "2025-07-31T09:30:00.000000001", "2025-01-31T09:30:00Z"]
    expected = [(us("2025-01-31T14:30:00Z"), 0), (us("2025-07-31T13:30:00Z"), 1), (us("2025-01-31T09:30:00Z"), 0)]
    assert read(*texts, zone="America/New_York") == expected


def test_times_that_the_clocks_show_twice_are_refused_unless_the_profile_chooses() -> None:
    twice = "2025-11-02T01:30:00"
    assert read(twice, zone="America/New_York") == [Fault.TWICE]
    assert read(twice, zone="America/New_York", ambiguous="earlier") == [(us("2025-11-02T05:30:00Z"), 0)]
    assert read(twice, zone="America/New_York", ambiguous="later") == [(us("2025-11-02T06:30:00Z"), 0)]


def test_times_that_the_clocks_never_show_are_faults() -> None:
    for ambiguous in ("refuse", "earlier", "later"):
        assert read("2025-03-09T02:30:00", zone="America/New_York", ambiguous=ambiguous) == [Fault.NEVER]


ZONES = st.sampled_from(
    ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Monrovia"]
)


@given(st.lists(st.datetimes(datetime(1970, 1, 2), datetime(2040, 1, 1)), min_size=1, max_size=20), ZONES)  # noqa: DTZ001
def test_zones_agree_with_the_zone_database(moments: list[datetime], zone: str) -> None:
    utc = pa.array([(m.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1) for m in moments]).to_numpy()
    local = to_local(utc, zone)
    for moment, shown in zip(moments, local.tolist(), strict=True):
        there = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=UTC)
        assert shown == (there - EPOCH) // timedelta(microseconds=1)
    both = (to_utc(local, zone, later=False) == utc) | (to_utc(local, zone, later=True) == utc)
    assert both.all()


def test_the_trade_date_is_that_of_the_profiles_zone(read: Any, row: Any, trades: Any) -> None:
    late = row(time="2025-01-31T23:30:00-05:00")
    assert read(late).trades[0]["trade_date"] == date(2025, 2, 1)
    there = trades(dates={"zone": "America/New_York"})
    assert read(late, there).trades[0]["trade_date"] == date(2025, 1, 31)
