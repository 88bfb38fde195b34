"""Partitions: their bounds, their making beside idle readers, and their key."""

from collections.abc import Callable
from datetime import date

import pytest

from sinks import database, partitions
from sinks.errors import Contention
from tests.integration.loading import Desk, Row, file


@pytest.mark.parametrize(
    ("day", "grain", "low", "high", "name"),
    [
        (date(2024, 2, 29), "month", date(2024, 2, 1), date(2024, 3, 1), "trades_7_202402"),
        (date(2024, 12, 31), "month", date(2024, 12, 1), date(2025, 1, 1), "trades_7_202412"),
        (date(2024, 12, 31), "day", date(2024, 12, 31), date(2025, 1, 1), "trades_7_20241231"),
    ],
)
def test_a_partition_holds_its_month_or_its_day(
    day: date, grain: partitions.Grain, low: date, high: date, name: str
) -> None:
    [part] = partitions.covering(7, [day, day], grain)
    assert (part.low, part.high, part.name) == (low, high, name)


def test_partitions_are_taken_oldest_first() -> None:
    days = [date(2025, 3, 1), date(2024, 1, 31), date(2025, 3, 9)]
    assert [p.low for p in partitions.covering(1, days, "month")] == [date(2024, 1, 1), date(2025, 3, 1)]


def test_only_what_does_not_exist_is_missing(desk: Desk) -> None:
    desk.load(file("a", 1, Row("x")))
    both = partitions.covering(desk.dataset_id, [date(2025, 1, 1), date(2025, 2, 1)], "month")
    with database.transaction(desk.connection) as cursor:
        assert partitions.missing(cursor, both) == both[1:]


@pytest.mark.parametrize("postgres_version", [16, 18])
def test_a_month_is_attached_while_a_reader_idles_in_its_transaction(desk: Desk) -> None:
    desk.load(file("a", 1, Row("x")))
    reader = database.connect(desk.dsn)
    reader.cursor().execute("SELECT count(*) FROM tradewind.trades WHERE dataset_id = %s", (desk.dataset_id,))
    part = partitions.covering(desk.dataset_id, [date(2025, 2, 1)], "month")[0]
    with database.transaction(desk.connection) as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        partitions.create(cursor, part)
        partitions.attach(cursor, part)
    reader.close()
    assert desk.load(file("b", 2, Row("y", day=date(2025, 2, 3)))) == {"b": {"inserted": 1}}


@pytest.mark.parametrize("postgres_version", [16, 18])
def test_every_partition_has_the_key_and_no_check_is_left_over(desk: Desk) -> None:
    desk.load(file("a", 1, Row("x"), Row("y", day=date(2025, 2, 3))))
    keys = desk.ask(
        "SELECT i.relid::regclass::text, pg_get_constraintdef(c.oid) FROM pg_partition_tree('tradewind.trades') i "
        "JOIN pg_constraint c ON c.conrelid = i.relid WHERE i.isleaf AND (c.contype = 'p' OR c.conname = 'bounds') "
        "AND i.relid::regclass::text LIKE %s",
        (f"tradewind.trades_{desk.dataset_id}_%",),
    )
    key = "PRIMARY KEY (trade_id, symbol, venue, trade_date, dataset_id)"
    assert sorted(keys) == [(f"tradewind.trades_{desk.dataset_id}_{month}", key) for month in ("202501", "202502")]


def test_two_that_make_one_month_at_once_are_told_to_try_again(desk: Desk, desk_with: Callable[..., Desk]) -> None:
    desk.load(file("a", 1, Row("x", day=date(2024, 1, 1))))
    part = partitions.covering(desk.dataset_id, [date(2025, 2, 1)], "month")[0]
    with database.transaction(desk.connection) as cursor:
        partitions.create(cursor, part)
    with pytest.raises(Contention), database.transaction(desk.connection) as cursor:
        partitions.create(cursor, part)
