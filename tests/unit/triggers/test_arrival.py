import json
import pickle
from datetime import UTC, datetime, timedelta, timezone

import pytest

from triggers.arrival import JSON_SCHEMA_DDL, Arrival, iso_utc, utc_of, utc_of_ns

AT = datetime(2026, 1, 2, 3, 4, 5, 60, tzinfo=UTC)
ARRIVAL = Arrival("spot", "file:///data/a b é 🚀%.csv", "1-2", 2, AT, None, "sweep")


def test_an_arrival_survives_its_journal_line() -> None:
    assert Arrival.from_row(json.loads(json.dumps(ARRIVAL.to_json()))) == ARRIVAL


def test_an_arrival_is_read_from_a_ledger_row_with_a_time_of_another_zone() -> None:
    row = ARRIVAL.to_json() | {"modified_at": AT.astimezone(timezone(timedelta(hours=5)))}
    read = Arrival.from_row(row)
    assert read == ARRIVAL
    assert read.modified_at.tzinfo is UTC


def test_an_arrival_is_pickled_to_tasks() -> None:
    assert pickle.loads(pickle.dumps(ARRIVAL)) == ARRIVAL


def test_the_schema_names_the_line_fields_in_their_order() -> None:
    columns = [column.split() for column in JSON_SCHEMA_DDL.split(", ")]
    line = ARRIVAL.to_json()
    assert [name for name, _ in columns] == list(line)
    assert [kind for _, kind in columns] == ["long" if name == "size" else "string" for name in line]


def test_times_always_have_microseconds_and_z() -> None:
    assert iso_utc(datetime(2026, 1, 2, tzinfo=UTC)) == "2026-01-02T00:00:00.000000Z"
    assert iso_utc(AT) == "2026-01-02T03:04:05.000060Z"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        iso_utc(datetime(2026, 1, 2))  # noqa: DTZ001
    with pytest.raises(ValueError, match="no time zone"):
        utc_of("2026-01-02T00:00:00")


@pytest.mark.parametrize(
    ("nanoseconds", "expected"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (1_767_323_045_000_060_999, AT),
        (-1, datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
        (4_070_908_800 * 10**9, datetime(2099, 1, 1, tzinfo=UTC)),
        (10**24, datetime.max.replace(tzinfo=UTC)),
        (-(10**24), datetime.min.replace(tzinfo=UTC)),
    ],
)
def test_nanoseconds_become_a_time_that_a_calendar_can_hold(nanoseconds: int, expected: datetime) -> None:
    assert utc_of_ns(nanoseconds) == expected
