"""Trades as DataFrames for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streaming.job import trades
from streaming.profiles.profile import Profile
from triggers.stores.local import uri_of

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession


def test_files_become_a_frame_of_trades_and_one_of_rejects(spark: SparkSession, tmp_path: Path) -> None:
    header = "trade_id,symbol,executed_at,side,price,quantity,currency\n"
    for name, price in (("a", "1.5"), ("b", "oops")):
        (tmp_path / f"{name}.csv").write_text(f"{header}{name},ACME,2026-01-05T12:00:00.123456789Z,B,{price},2,USD\n")
    frames = trades(spark, [uri_of(tmp_path / "a.csv"), uri_of(tmp_path / "b.csv")], Profile.load("demo-exchange"))
    found = frames.trades.select("trade_id", "price", "event_nanos").collect()
    assert [tuple(one) for one in found] == [("a", "1.5", 789)]
    assert [(one["line"], one["column"]) for one in frames.rejects.collect()] == [(2, "price")]
