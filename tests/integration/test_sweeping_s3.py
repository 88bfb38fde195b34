"""A bucket that is swept and cleared, with every request counted."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sinks import migrate
from streaming.clearing import clear
from streaming.settings import Settings
from streaming.sightings import Sighting
from tests.acceptance.desk import Desk, row, table
from tests.clouds.moto_server import MotoServer
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

    def requests(self) -> dict[str, int]:
        """Those to S3 since the last time."""
        made = dict(self.aws.counts("s3"))
        self.aws.forget()
        return made


@pytest.fixture
def desk(tmp_path: Path, postgres: str, aws: MotoServer) -> Bucket:
    migrate.migrate(postgres)
    (tmp_path / "state").mkdir()
    return Bucket(tmp_path / "in", tmp_path / "state", postgres, None, aws=aws, bucket=aws.bucket())


def test_a_sweep_costs_one_list_for_a_thousand_objects_and_nothing_else(desk: Bucket) -> None:
    desk.aws.fill(desk.bucket, (f"in/{n:04}.csv" for n in range(1_001)))
    desk.aws.forget()
    with sweeping_of(desk) as this:
        assert found(this.sweep("start")) == {"missed": 1_001}
        assert desk.requests() == {"ListObjectsV2": 2}
        assert found(this.sweep("beat", full=False)) == {"awaited": 1_001}
        assert desk.requests() == {"ListObjectsV2": 2}
    assert desk.ask("SELECT DISTINCT list_calls FROM tradewind.reconciliations") == [(2,)]


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
