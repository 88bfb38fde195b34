"""Times of day with their day elsewhere, and times in a vendor's own pattern, are exact or refused."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.profiles.rules import DateRule, TimeRule
from streaming.values.dates import read_days
from streaming.values.refusals import no_time
from streaming.values.times import Fault, parse_times

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEW_YORK = "America/New_York"


def read(*texts: str, day: str | None = None, **rule: Any) -> list[tuple[int, int] | Fault]:
    """(microseconds, nanoseconds below) or the fault, one for each text; all on one day, where there is one."""
    if day:
        rule["date"] = "d"
    days = read_days(pa.array([day] * len(texts), pa.string()), DateRule(column="d")) if day else None
    times = parse_times(pa.array(texts, pa.string()), TimeRule(column="t", **rule), days)
    rows = zip(times.us.tolist(), times.nanos.tolist(), times.faults.tolist(), strict=True)
    return [Fault(fault) if fault else (us, nanos) for us, nanos, fault in rows]


def us(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("text", "pattern", "at", "nanos"),
    [
        ("2/27/2022 12:09", "%m/%d/%Y %H:%M", "2022-02-27T12:09:00Z", 0),
        ("12/7/2022 1:09", "%m/%d/%Y %H:%M", "2022-12-07T01:09:00Z", 0),
        ("24/01/2026 00:00", "%d/%m/%Y %H:%M", "2026-01-24T00:00:00Z", 0),
        ("26-May-2024 16:18:16.235", "%d-%b-%Y %H:%M:%S.%f", "2024-05-26T16:18:16.235Z", 0),
        ("26-MAY-2024 16:18:16.235123456", "%d-%b-%Y %H:%M:%S.%f", "2024-05-26T16:18:16.235123Z", 456),
        ("1 september 2024 1:02:03 pm", "%d %B %Y %I:%M:%S %p", "2024-09-01T13:02:03Z", 0),
        ("May 3, 2024 12:00AM", "%B %d, %Y %I:%M%p", "2024-05-03T00:00:00Z", 0),
        ("May 3, 2024 12:00PM", "%b %d, %Y %I:%M%p", "2024-05-03T12:00:00Z", 0),
        ("20120201 000003660", "%Y%m%d %H%M%S%f", "2012-02-01T00:00:03.660Z", 0),
        ("20120201 000003", "%Y%m%d %H%M%S%.f", "2012-02-01T00:00:03Z", 0),
        ("20120201 000003.000000001", "%Y%m%d %H%M%S%.f", "2012-02-01T00:00:03Z", 1),
        ("20120201T000003Z", "%Y%m%dT%H%M%S%z", "2012-02-01T00:00:03Z", 0),
        ("2024-05-26 16:18:16 +0530", "%Y-%m-%d %H:%M:%S %z", "2024-05-26T10:48:16Z", 0),
        ("2024-05-26 16:18:16-05:00", "%Y-%m-%d %H:%M:%S%z", "2024-05-26T21:18:16Z", 0),
        ("2024-05-26 16:18:16+01", "%Y-%m-%d %H:%M:%S%z", "2024-05-26T15:18:16Z", 0),
        ("31.12.69 23:59", "%d.%m.%y %H:%M", "1969-12-31T23:59:00Z", None),
        ("01.01.70 00:00", "%d.%m.%y %H:%M", "1970-01-01T00:00:00Z", 0),
        ("01.01.68 00:00", "%d.%m.%y %H:%M", "2068-01-01T00:00:00Z", 0),
        ("2024-366 10:00", "%Y-%j %H:%M", "2024-12-31T10:00:00Z", 0),
        ("10:00 100% 2024.02.29", "%H:%M 100%% %Y.%m.%d", "2024-02-29T10:00:00Z", 0),
        ("29 à 10h, 02.2024", "%d à %Hh, %m.%Y", "2024-02-29T10:00:00Z", 0),
    ],
)
def test_times_are_read_in_the_vendors_pattern(text: str, pattern: str, at: str, nanos: int | None) -> None:
    expected = Fault.RANGE if nanos is None else (us(at), nanos)
    assert read(text, format=pattern, zone="UTC") == [expected]
    assert read("x", text, text + "x", "x" + text, "", format=pattern, zone="UTC")[1] == expected


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("13/13/2022 12:09", "%m/%d/%Y %H:%M"),
        ("31/06/2024 12:09", "%d/%m/%Y %H:%M"),
        ("29/02/2023 12:09", "%d/%m/%Y %H:%M"),
        ("0/1/2024 12:09", "%d/%m/%Y %H:%M"),
        ("1/1/2024 24:00", "%d/%m/%Y %H:%M"),
        ("1/1/2024 1:9", "%d/%m/%Y %H:%M"),
        ("1/1/24 11:09", "%d/%m/%Y %H:%M"),
        ("001/1/2024 11:09", "%d/%m/%Y %H:%M"),
        ("1/1/2024  11:09", "%d/%m/%Y %H:%M"),
        ("1/1/2024 11:09 ", "%d/%m/%Y %H:%M"),
        (" 1/1/2024 11:09", "%d/%m/%Y %H:%M"),
        ("1/1/2024 11:09:00", "%d/%m/%Y %H:%M"),
        ("1/1/2024 11:0", "%d/%m/%Y %H:%M"),
        ("-1/1/2024 11:09", "%d/%m/%Y %H:%M"),
        ("1/１/2024 11:09", "%d/%m/%Y %H:%M"),
        ("26-Mai-2024 16:18:16.2", "%d-%b-%Y %H:%M:%S.%f"),
        ("26-May-2024 16:18:60.2", "%d-%b-%Y %H:%M:%S.%f"),
        ("26-May-2024 16:18:16.", "%d-%b-%Y %H:%M:%S.%f"),
        ("26-May-2024 16:18:16.1234567890", "%d-%b-%Y %H:%M:%S.%f"),
        ("26-May-2024 16:18:16.", "%d-%b-%Y %H:%M:%S%.f"),
        ("May 3, 2024 13:00PM", "%b %d, %Y %I:%M%p"),
        ("May 3, 2024 0:00AM", "%b %d, %Y %I:%M%p"),
        ("May 3, 2024 1:00", "%b %d, %Y %I:%M%p"),
        ("2012021 000003660", "%Y%m%d %H%M%S%f"),
        ("2024-05-26 16:18:16 +19:00", "%Y-%m-%d %H:%M:%S %z"),
        ("2024-05-26 16:18:16 EST", "%Y-%m-%d %H:%M:%S %z"),
        ("2023-366 10:00", "%Y-%j %H:%M"),
        ("2023-000 10:00", "%Y-%j %H:%M"),
        ("", "%d/%m/%Y %H:%M"),
    ],
)
def test_what_is_not_in_the_pattern_or_impossible_is_refused(text: str, pattern: str) -> None:
    assert read(text, format=pattern, zone="UTC") == [Fault.TEXT]
    assert f'"{text}" is not a possible time in the format' in no_time(
        Fault.TEXT, text, TimeRule(column="t", format=pattern, zone="UTC")
    )


PATTERNS = st.sampled_from(
    [
        "%Y-%m-%d %H:%M:%S.%f", "%d/%m/%Y %H:%M:%S.%f", "%m/%d/%y %I:%M:%S %p", "%Y%m%d%H%M%S%f", "%b %d %Y %H:%M",
        "%d%B%Y_%H%M%S", "%Y.%j %H:%M:%S", "%H:%M:%S %d-%b-%y", "%Y/%m/%d %H:%M:%S%z",
    ]
)  # fmt: skip


@given(st.lists(st.datetimes(datetime(1970, 1, 2), datetime(2068, 12, 30)), max_size=20), PATTERNS)  # noqa: DTZ001
def test_patterns_agree_with_strptime(moments: list[datetime], pattern: str) -> None:
    texts = [moment.replace(tzinfo=UTC).strftime(pattern) for moment in moments]
    expected = []
    for text in texts:
        again = datetime.strptime(text, pattern).replace(tzinfo=UTC)
        expected.append(((again - EPOCH) // timedelta(microseconds=1), 0))
    assert read(*texts, format=pattern, zone="UTC") == expected


@given(st.lists(st.text("0123456789/: -aApPmMyYeE", max_size=18), max_size=10), PATTERNS)
def test_whatever_is_taken_strptime_takes_as_well(texts: list[str], pattern: str) -> None:
    for text, found in zip(texts, read(*texts, format=pattern, zone="UTC"), strict=True):
        if not isinstance(found, Fault):
            assert (datetime.strptime(text, pattern).replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1) == found[
                0
            ]


@given(
    st.lists(st.datetimes(datetime(2000, 1, 2), datetime(2060, 1, 1)), min_size=1, max_size=10),  # noqa: DTZ001
    st.sampled_from([NEW_YORK, "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata"]),
    st.sampled_from(["earlier", "later"]),
)
def test_local_patterns_agree_with_the_zone_database(moments: list[datetime], zone: str, ambiguous: str) -> None:
    texts = [moment.strftime("%m/%d/%Y %H:%M:%S.%f") for moment in moments]
    found = read(*texts, format="%m/%d/%Y %H:%M:%S.%f", zone=zone, ambiguous=ambiguous)
    for moment, got in zip(moments, found, strict=True):
        there = moment.replace(tzinfo=ZoneInfo(zone), fold=int(ambiguous == "later"))
        exists = there.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == moment
        assert got == (((there - EPOCH) // timedelta(microseconds=1), 0) if exists else Fault.NEVER)


SPRING, AUTUMN, PLAIN = "2025-03-09", "2025-11-02", "2012-06-21"


@pytest.mark.parametrize(
    ("text", "unit", "day", "at", "nanos"),
    [
        ("34200.004241176", "s", PLAIN, "2012-06-21T09:30:00.004241-04:00", 176),
        ("34200.00426064", "s", PLAIN, "2012-06-21T09:30:00.004260-04:00", 640),
        ("34200", "s", SPRING, "2025-03-09T09:30:00-04:00", 0),
        ("34200", "s", AUTUMN, "2025-11-02T09:30:00-05:00", 0),
        ("14400688", "ms", "20131007", "2013-10-07T04:00:00.688-04:00", 0),
        ("14400688.5", "ms", "20131007", "2013-10-07T04:00:00.688500-04:00", 0),
        ("0", "us", PLAIN, "2012-06-21T00:00:00-04:00", 0),
        ("86399999999999", "ns", PLAIN, "2012-06-21T23:59:59.999999-04:00", 999),
    ],
)
def test_counts_since_midnight_are_what_the_clocks_show(text: str, unit: str, day: str, at: str, nanos: int) -> None:
    assert read(text, day=day, format="midnight", unit=unit, zone=NEW_YORK) == [(us(at), nanos)]


@pytest.mark.parametrize(
    ("text", "day", "fault"),
    [
        ("86400", PLAIN, Fault.TOO_LATE),
        ("-1", PLAIN, Fault.TOO_LATE),
        ("34200004", PLAIN, Fault.TOO_LATE),
        ("99999999999999999999", PLAIN, Fault.TOO_LATE),
        ("09:30", PLAIN, Fault.TEXT),
        ("1.0000000001", PLAIN, Fault.TEXT),
        ("", PLAIN, Fault.TEXT),
        ("9000", SPRING, Fault.NEVER),
        ("5400", AUTUMN, Fault.TWICE),
        ("34200", "2025-02-30", Fault.NO_DAY),
        ("34200", "", Fault.NO_DAY),
    ],
)
def test_counts_that_no_clock_shows_are_refused(text: str, day: str, fault: Fault) -> None:
    days = read_days(pa.array([day], pa.string()), DateRule(column="d"))
    rule = TimeRule(column="t", format="midnight", unit="s", zone=NEW_YORK, date="d")
    times = parse_times(pa.array([text], pa.string()), rule, days)
    assert times.faults.tolist() == [fault]
    assert f'"{text}"' in no_time(fault, text, rule)


@pytest.mark.parametrize(
    ("text", "at", "nanos"),
    [
        ("093000417837000", "2012-06-21T09:30:00.417837Z", 0),
        ("093000417837123", "2012-06-21T09:30:00.417837Z", 123),
        ("093000", "2012-06-21T09:30:00Z", 0),
        ("093000.5", "2012-06-21T09:30:00.500Z", 0),
        ("0930001", "2012-06-21T09:30:00.100Z", 0),
        ("09:30:00", "2012-06-21T09:30:00Z", 0),
        ("09:30:00.123456789", "2012-06-21T09:30:00.123456Z", 789),
        ("09:30:00,5", "2012-06-21T09:30:00.500Z", 0),
        ("235959", "2012-06-21T23:59:59Z", 0),
        *[(text, None, None) for text in ("93000", "240000", "096000", "093060", "09:30", "9:30:00", "09:30:005")],
        *[(text, None, None) for text in ("0930001234567890", "093000.", "09:3000", "09300a", "09:30:00.", "", "noon")],
    ],
)
def test_clock_times_are_read_to_the_nanosecond_or_refused(text: str, at: str | None, nanos: int) -> None:
    expected = Fault.TEXT if at is None else (us(at), nanos)
    assert read(text, day=PLAIN, format="clock", zone="UTC") == [expected]
    assert read("093000", "09:30:00", text, "093000.25", day=PLAIN, format="clock", zone="UTC")[2] == expected


def test_a_clock_that_lost_its_zeros_is_filled_up() -> None:
    assert read("93000", "", day=PLAIN, format="clock", zone="UTC", pad=6) == [
        (us("2012-06-21T09:30:00Z"), 0),
        Fault.TEXT,
    ]
    found = read("1012024 93000", format="%d%m%Y %H%M%S", zone="UTC", pad=15)
    assert found == [Fault.TEXT]


@given(st.lists(st.times(), max_size=20), st.sampled_from(["%H%M%S%f", "%H:%M:%S.%f", "%H%M%S.%f"]))
def test_clock_times_agree_with_datetime(moments: list[Any], shape: str) -> None:
    texts = [moment.strftime(shape) for moment in moments]
    midnight = us(f"{PLAIN}T00:00:00Z")
    seconds = [(m.hour * 3600 + m.minute * 60 + m.second) * 1_000_000 + m.microsecond for m in moments]
    assert read(*texts, day=PLAIN, format="clock", zone="UTC") == [(midnight + at, 0) for at in seconds]


@pytest.mark.parametrize("separator", ["T", "t", " ", "_"])
def test_iso_takes_any_separator(separator: str) -> None:
    assert read(f"2024-05-26{separator}16:18:16,5Z") == [(us("2024-05-26T16:18:16.500Z"), 0)]
    assert read("2024-05-26T16:18:16Z", f"2024-05-26{separator}16:18:16Z")[1] == (us("2024-05-26T16:18:16Z"), 0)


@pytest.mark.parametrize(
    ("text", "form", "day"),
    [
        ("2024-02-29", "iso", date(2024, 2, 29)),
        ("20240229", "iso", date(2024, 2, 29)),
        ("29/02/2024", "%d/%m/%Y", date(2024, 2, 29)),
        ("2/29/24", "%m/%d/%y", date(2024, 2, 29)),
        ("29FEB2024", "%d%b%Y", date(2024, 2, 29)),
        ("2024060", "%Y%j", date(2024, 2, 29)),
        ("29/02/2023", "%d/%m/%Y", None),
        ("2023-02-29", "iso", None),
        ("1899-12-30", "iso", None),
        ("01/01/2263", "%d/%m/%Y", None),
        ("", "%d/%m/%Y", None),
    ],
)
def test_days_are_read_as_declared(text: str, form: str, day: date | None) -> None:
    days, good = read_days(pa.array(["x", text, text], pa.string()), DateRule(column="d", format=form))
    assert good.tolist() == [False, day is not None, day is not None]
    assert days.tolist()[1:] == [(day - date(1970, 1, 1)).days if day else 0] * 2


def test_no_text_and_no_row_are_read_as_nothing() -> None:
    assert read(format="%d/%m/%Y %H:%M", zone="UTC") == []
    days, good = read_days(pa.array([], pa.string()), DateRule(column="d", format="%d/%m/%Y"))
    assert (days.tolist(), good.tolist()) == ([], [])


def rows_of(done: Any) -> Iterator[tuple[int, int, date]]:
    return ((t["event_us"], t["event_nanos"], t["trade_date"]) for t in done.trades)


def test_the_day_may_stand_in_the_path(read: Any, row: Any, trades: Any) -> None:
    time = {"column": "time", "format": "midnight", "unit": "ms", "zone": NEW_YORK, "date": "path"}
    profile = trades(columns={"event_time": time}, path={"pattern": r"_(?P<date>\d{8})_"}, dates={"zone": NEW_YORK})
    done = read(row(time="72000000"), profile, uri="file:///in/aig_20131007_trade.csv")
    assert list(rows_of(done)) == [(us("2013-10-08T00:00:00Z"), 0, date(2013, 10, 7))]
    ((_, column, reason),) = read(row(time="1"), profile, uri="file:///in/aig_20131307_trade.csv").reasons
    assert (column, reason) == (
        "event_time",
        'the date "20131307" is not a date (YYYY-MM-DD or YYYYMMDD, from 1970 to 2262)',
    )


def test_the_day_may_stand_in_another_column(read: Any, row: Any, trades: Any) -> None:
    day = {"column": "day", "format": "%d/%m/%Y"}
    profile = trades(columns={"event_time": {"column": "time", "format": "clock", "zone": "UTC", "date": day}})
    assert next(rows_of(read(row(time="093000", day="26/05/2024"), profile)))[0] == us("2024-05-26T09:30:00Z")
    assert [column for _, column, _ in read(row(time="093000", day="26/13/2024"), profile).reasons] == ["day"]
    assert [column for _, column, _ in read(row(time="24", day="26/05/2024"), profile).reasons] == ["time"]


def test_day_and_time_may_stand_in_two_columns(read: Any, row: Any, trades: Any) -> None:
    time = {"columns": ["day", "time"], "format": "%d-%b-%Y %H:%M:%S.%f", "zone": "Europe/London"}
    profile = trades(columns={"event_time": time})
    done = read(row(day="26-May-2024", time="16:18:16.235"), profile)
    assert next(rows_of(done))[0] == us("2024-05-26T15:18:16.235Z")
    ((_, column, reason),) = read(row(day="26-May-2024", time=""), profile).reasons
    assert (column, reason.startswith('"26-May-2024 " is not a possible time')) == ("day, time", True)


def test_a_cancellation_needs_no_day(read: Any, row: Any, trades: Any) -> None:
    action = {"column": "what", "values": {"N": "new", "X": "cancel"}}
    time = {"column": "time", "format": "clock", "zone": "UTC", "date": "day"}
    done = read(
        row(what="X", time="", day="", price="", qty="", side=""),
        trades(columns={"action": action, "event_time": time}),
    )
    assert (done.rejects, done.trades[0]["event_us"]) == ([], None)
