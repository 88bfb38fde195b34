"""Loads each day's files of some feeds, once the day is over; Airflow's own backfill loads the days of a range.

A run of the form may name other days, a prefix or feeds. A run that is tried again goes on where the first one ended:
what is loaded is known to the ledger.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import CronDataIntervalTimetable, Param, dag, task

from tradewind_cli import FEEDS, FEEDS_TOUCHED, TradewindOperator
from tradewind_targets import PLACES, send

DAY = {"type": ["null", "string"], "format": "date"}


@dag(
    dag_id="trade_ingest",
    doc_md=__doc__,
    # A timetable with intervals: Airflow 3's plain cron and @daily have none.
    schedule=CronDataIntervalTimetable("0 0 * * *", timezone="UTC"),
    start_date=datetime(2000, 1, 1, tzinfo=UTC),
    catchup=False,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
    params={
        "feeds": Param(FEEDS, type="array", items={"type": "string"}, description="The feeds to load, one a line."),
        "from": Param(None, **DAY, description="The first day; without, the run's own."),
        "to": Param(None, **DAY, description="The last day, included; without, the run's own."),
        "prefix": Param("", type="string", description="Only what lies under this part of the source."),
        "target": Param(
            "local",
            enum=["local", *(place.name for place in PLACES)],
            description="Where it runs: on Airflow's worker, or as a job of tradewind.toml.",
        ),
        "fail_on_quarantine": Param(True, type="boolean", description="Fail when a file was set aside."),
    },
    tags=["tradewind"],
)
def trade_ingest() -> None:
    @task
    def commands(
        params: Any, data_interval_start: datetime | None = None, data_interval_end: datetime | None = None
    ) -> list[list[str]]:
        """One command for each feed; days that are given nowhere are not asked for."""
        last = data_interval_end - timedelta(microseconds=1) if data_interval_end else None
        first_day = params["from"] or (data_interval_start and f"{data_interval_start:%Y-%m-%d}")
        last_day = params["to"] or (last and f"{last:%Y-%m-%d}")
        told = {"from": first_day, "to": last_day, "prefix": params["prefix"]}
        options = [f"--{name}={value}" for name, value in told.items() if value]
        return [["backfill", *options, "--json", "--", feed] for feed in params["feeds"]]

    @task.branch
    def target(params: Any) -> str:
        """The first task of the place that is asked for."""
        firsts = {place.name: place.first for place in PLACES}
        return firsts.get(params["target"], "backfill")

    asked = commands()
    here = TradewindOperator.partial(task_id="backfill", outlets=[FEEDS_TOUCHED]).expand(words=asked)
    if PLACES:
        target() >> [here, *(send(place, asked) for place in PLACES)]


trade_ingest()
