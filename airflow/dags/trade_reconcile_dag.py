"""Every night: each feed's listing compared with the ledger, and what is set aside; the report is the tasks' result.

What the sweep finds missing is journaled, and loaded by the feed's stream or its next backfill.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import CronTriggerTimetable, dag

from tradewind_cli import FEEDS, FEEDS_TOUCHED, TradewindOperator


@dag(
    dag_id="trade_reconcile",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("30 3 * * *", timezone="UTC"),
    start_date=datetime(2000, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5)},
    tags=["tradewind"],
)
def trade_reconcile() -> None:
    TradewindOperator.partial(task_id="sweep", outlets=[FEEDS_TOUCHED]).expand(
        words=[["sweep", "--json", "--", feed] for feed in FEEDS]
    )
    TradewindOperator.partial(task_id="quarantined").expand(
        words=[["files", "list", "--feed", feed, "--state", "quarantined", "--json"] for feed in FEEDS]
    )


trade_reconcile()
