"""A bucket that is swept and cleared, with every request counted."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from streaming.clearing import clear
from streaming.settings import Settings
from streaming.sightings import Sighting
from tests.acceptance.desk import Desk, row, table
from tests.clouds.moto_server import MotoServer
from tests.clouds.s3_rights import only_below
from tests.integration.test_clearing import age, booked
from tests.integration.test_sweeping import found, register, sweeping_of
from triggers.errors import StoreUnavailable


@dataclass
class Bucket(Desk):
    """A feed over a prefix of a bucket."""

    aws: Any = None
    bucket: str = ""

    @property
    def whole_settings(self) -> Settings:
        feed = {"source": f"s3://{self.bucket}/in", "profile": "demo-exchange", "discovery": "sweep", **self.settings}
        tables = {"state": {"dir": str(self.state)}, "s3": {"endpoint": self.aws.endpoint}, "feeds": {"x": feed}}
        return Settings.model_validate(tables)

    def sightings(self) -> list[Sighting]:
        plan = self.plan
        return [Sighting.of(one, plan, "sweep") for one in plan.stores.of(plan.prefix).list(plan.prefix)]

    def list_calls(self) -> list[int]:
        """What the sweeps wrote down."""
        found = self.ask("SELECT list_calls FROM tradewind.reconciliations ORDER BY reconciliation_id")
        return [calls for (calls,) in found]

    def requests(self) -> dict[str, int]:
        """Those to S3 since the last time."""
        made = dict(self.aws.counts("s3"))
        self.aws.forget()
        return made


@pytest.fixture
def desk(tmp_path: Path, migrated_postgres: str, aws: MotoServer) -> Bucket:
    (tmp_path / "state").mkdir()
    return Bucket(tmp_path / "in", tmp_path / "state", migrated_postgres, None, aws=aws, bucket=aws.bucket())


def test_a_sweep_costs_one_list_for_a_thousand_objects_and_nothing_else(desk: Bucket) -> None:
    desk.aws.fill(desk.bucket, (f"in/{n:04}.csv" for n in range(1_001)))
    desk.aws.forget()
    with sweeping_of(desk) as this:
        assert found(this.sweep("start")) == {"missed": 1_001}
        assert desk.requests() == {"ListObjectsV2": 2}
        assert found(this.sweep("beat", full=False)) == {"awaited": 1_001}
        assert desk.requests() == {"ListObjectsV2": 2}
    assert desk.list_calls() == [2, 2]


def test_list_calls_are_those_that_were_made_however_few_objects_they_gave(desk: Bucket) -> None:
    desk.aws.fill(desk.bucket, (f"in/{n:04}.csv" for n in range(2_000)))
    desk.aws.forget()
    with sweeping_of(desk) as this, desk.aws.faulty(_by_tens):
        assert found(this.sweep("start")) == {"missed": 2_000}
    assert desk.list_calls() == [desk.requests()["ListObjectsV2"]] == [200]


def _by_tens(_: Any, environ: dict[str, Any], __: Any) -> None:
    """A server that gives less than it may."""
    environ["QUERY_STRING"] += "&max-keys=10"


def test_a_resumed_sweep_counts_the_calls_of_both(desk: Bucket) -> None:
    desk.aws.fill(desk.bucket, (f"in/{n:04}.csv" for n in range(2_500)))
    desk.aws.forget()
    stop = threading.Event()
    stop.set()  # after the first page
    with sweeping_of(desk) as this:
        this.sweep("beat", stop=stop)
        before = desk.list_calls()
        this.sweep("beat")
        assert this.resumed
    assert desk.list_calls() == [desk.requests()["ListObjectsV2"]]
    assert desk.list_calls() > before


def test_a_backfill_of_a_narrower_prefix_lists_that_alone_and_judges_nothing_else(desk: Bucket) -> None:
    desk.aws.fill(desk.bucket, (f"in/{year}/{n:04}.csv" for year in (2024, 2025, 2026) for n in range(1_000)))
    register(desk)
    for gone in ("in/2024/0000.csv", "in/2025/0000.csv", "in/2025/0999.csv", "in/2026/0999.csv"):
        desk.aws.client("s3").delete_object(Bucket=desk.bucket, Key=gone)
    desk.aws.forget()
    with sweeping_of(desk) as this:
        assert found(this.sweep("backfill", under=f"{desk.plan.prefix}2025/")) == {"owed_too_long": 998, "vanished": 2}
        assert desk.requests() == {"ListObjectsV2": 1, "HeadObject": 2}
        assert found(this.sweep("backfill", under=f"{desk.plan.prefix}2026/05")) == {
            "outside": 500,
            "owed_too_long": 100,
        }
    assert desk.requests() == {"ListObjectsV2": 1}
    assert desk.ask("SELECT count(*) FROM tradewind.files WHERE state = 'vanished'") == [(2,)]


def test_who_may_list_and_read_one_prefix_alone_sweeps_it_empty_or_not(desk: Bucket) -> None:
    with sweeping_of(desk) as this, desk.aws.faulty(only_below("in/")):
        assert found(this.sweep("start")) == {}
        desk.aws.fill(desk.bucket, ["in/a.csv", "in/b.csv"])
        register(desk, "events", ago="1 minute")
        desk.aws.remove(desk.bucket, "in/a.csv")
        assert found(this.sweep("beat")) == {"known": 1, "phantom": 1}
    assert desk.states() == {"a.csv": ["vanished"], "b.csv": ["discovered"]}


def test_a_store_that_is_down_makes_nothing_vanish_and_is_swept_when_it_is_back(desk: Bucket) -> None:
    desk.aws.fill(desk.bucket, ["in/a.csv", "in/b.csv"])
    register(desk, ago="1 minute")
    with sweeping_of(desk) as this:
        with desk.aws.down(), pytest.raises(StoreUnavailable):
            this.sweep("beat")
        assert desk.states() == {"a.csv": ["discovered"], "b.csv": ["discovered"]}
        desk.aws.client("s3").delete_object(Bucket=desk.bucket, Key="in/a.csv")
        assert found(this.sweep("beat")) == {"known": 1, "vanished": 1}


def test_exactly_the_loaded_version_is_archived_within_the_store(desk: Bucket) -> None:
    desk.settings = {"after_load": "archive", "archive_to": f"s3://{desk.bucket}/old"}
    desk.aws.fill(desk.bucket, ["in/a b.csv", "in/c.csv"], table(row(1)))
    desk.take(desk.sightings())
    age(desk)
    desk.aws.fill(desk.bucket, ["in/c.csv"], table(row(2)))
    assert clear(desk.plan, [desk.plan], desk.dsn, threading.Event()) == 1
    assert booked(desk) == {"a b.csv": ("archived", f"s3://{desk.bucket}/old/a b.csv")}
    kept = [one["Key"] for one in desk.aws.client("s3").list_objects_v2(Bucket=desk.bucket)["Contents"]]
    assert sorted(kept) == ["in/c.csv", "old/a b.csv"]


def test_the_one_file_of_a_feed_vanishes_and_is_replaced_as_any_other(desk: Bucket) -> None:
    desk.aws.fill(desk.bucket, ["in/a.cs", "in/a.csv", "in/a.csv.gz"])
    register(desk)
    desk.settings["source"] = f"s3://{desk.bucket}/in/a.csv"
    with sweeping_of(desk) as this:
        desk.aws.fill(desk.bucket, ["in/a.csv"], b"of another version")
        assert found(this.sweep("beat")) == {"overwritten": 1, "vanished": 1}
        assert desk.states() == {"a.cs": ["discovered"], "a.csv": ["vanished"], "a.csv.gz": ["discovered"]}


def test_the_one_file_of_a_feed_that_is_gone_has_vanished(desk: Bucket) -> None:
    desk.aws.fill(desk.bucket, ["in/a.cs", "in/a.csv", "in/a.csv.gz"])
    register(desk)
    desk.settings["source"] = f"s3://{desk.bucket}/in/a.csv"
    desk.aws.remove(desk.bucket, "in/a.csv")
    with sweeping_of(desk) as this:
        assert found(this.sweep("beat")) == {"vanished": 1}
    assert desk.states() == {"a.cs": ["discovered"], "a.csv": ["vanished"], "a.csv.gz": ["discovered"]}
