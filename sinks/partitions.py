"""The partitions of `trades`: by dataset, then by month or day, made when the first trade needs one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from psycopg2 import sql

Grain = Literal["month", "day"]


@dataclass(frozen=True, slots=True)
class Partition:
    """One month or day of one dataset: rows with low <= trade_date < high."""

    dataset_id: int
    low: date
    high: date
    grain: Grain

    @property
    def name(self) -> str:
        stamp = self.low.strftime("%Y%m" if self.grain == "month" else "%Y%m%d")
        return f"trades_{self.dataset_id}_{stamp}"

    @property
    def table(self) -> sql.Identifier:
        return sql.Identifier("tradewind", self.name)


def covering(dataset_id: int, days: Iterable[date], grain: Grain) -> list[Partition]:
    """The partitions that hold these days, oldest first: the order in which they are locked."""
    lows = {day.replace(day=1) if grain == "month" else day for day in days}
    return [Partition(dataset_id, low, _next(low, grain), grain) for low in sorted(lows)]


def _next(low: date, grain: Grain) -> date:
    if grain == "day":
        return low + timedelta(days=1)
    return (low.replace(day=28) + timedelta(days=4)).replace(day=1)


def missing(cursor: Any, partitions: list[Partition]) -> list[Partition]:
    """Those whose table does not exist yet."""
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'tradewind'::regnamespace AND relname = ANY(%s)",
        ([p.name for p in partitions],),
    )
    present = {name for (name,) in cursor.fetchall()}
    return [p for p in partitions if p.name not in present]


def create(cursor: Any, partition: Partition) -> sql.Identifier:
    """Make the partition's table beside `trades`, without a key and not yet attached.

    CREATE LIKE and ATTACH wait for no reader; CREATE … PARTITION OF would wait behind idle ones. The pages keep a
    tenth free: a few trades of a page that are sent again with another state are rewritten within it, without a new
    entry in the key.
    """
    ensure_dataset(cursor, partition.dataset_id)
    table = partition.table
    cursor.execute(
        sql.SQL(
            "CREATE TABLE {table} (LIKE tradewind.trades INCLUDING CONSTRAINTS INCLUDING DEFAULTS, "
            "CONSTRAINT bounds CHECK (dataset_id = {dataset} AND trade_date >= {low} AND trade_date < {high})) "
            "WITH (fillfactor = 90)"
        ).format(table=table, **_bounds(partition))
    )
    return table


def attach(cursor: Any, partition: Partition) -> None:
    """Give the table its key and make it part of `trades`; its CHECK spares the scan."""
    table = partition.table
    cursor.execute(
        sql.SQL("ALTER TABLE {table} ADD PRIMARY KEY (trade_id, symbol, venue, trade_date, dataset_id)").format(
            table=table
        )
    )
    cursor.execute(
        sql.SQL("ALTER TABLE {parent} ATTACH PARTITION {table} FOR VALUES FROM ({low}) TO ({high})").format(
            parent=dataset_table(partition.dataset_id), table=table, **_bounds(partition)
        )
    )
    cursor.execute(sql.SQL("ALTER TABLE {table} DROP CONSTRAINT bounds").format(table=table))


def _bounds(partition: Partition) -> dict[str, sql.Composable]:
    return {
        "dataset": sql.Literal(partition.dataset_id),
        "low": sql.Literal(partition.low),
        "high": sql.Literal(partition.high),
    }


def dataset_table(dataset_id: int) -> sql.Identifier:
    """All of a dataset's trades."""
    return sql.Identifier("tradewind", f"trades_{dataset_id}")


def ensure_dataset(cursor: Any, dataset_id: int) -> None:
    """Make the table that holds the dataset's months or days."""
    cursor.execute("SELECT to_regclass(%s)", (f"tradewind.trades_{dataset_id}",))
    if cursor.fetchone()[0] is None:
        cursor.execute(
            sql.SQL(
                "CREATE TABLE {parent} PARTITION OF tradewind.trades FOR VALUES IN ({dataset}) "
                "PARTITION BY RANGE (trade_date)"
            ).format(parent=dataset_table(dataset_id), dataset=sql.Literal(dataset_id))
        )
