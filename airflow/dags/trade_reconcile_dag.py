"""Every night, of each feed: its listing compared with the ledger, its books recounted, the days without files, and
what is set aside. The report is the result of the task `report`, and an event of the Asset `tradewind_report_FEED`.

What the sweep finds missing is journaled, and loaded by the feed's stream or its next backfill. Books that do not
balance fail the run, after the report.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, task
from airflow.sdk.exceptions import AirflowFailException

from tradewind_cli import FEEDS, REPORTS, TradewindOperator, report_of

YESTERDAY = "{{ (dag_run.run_after - macros.timedelta(days=1)).strftime('%Y-%m-%d') }}"


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
    def of_each(task_id: str, *words: str, findings: bool = False) -> Any:
        command = TradewindOperator.partial(task_id=task_id, findings=findings)
        return command.expand(words=[[*(word.replace("FEED", feed) for word in words), "--json"] for feed in FEEDS])

    @task(outlets=[REPORTS])
    def report(swept: Any, books: Any, days: Any, set_aside: Any, outlet_events: Any) -> list[dict[str, Any]]:
        """One of each feed: `sweep`, `books`, `days_without_files` of the last 30, and `quarantined` files."""
        told = []
        for feed, (sweep,), (book,), missing, files in zip(FEEDS, swept, books, days, set_aside, strict=True):
            without = [day["day"] for day in missing]
            of_feed = {"sweep": sweep, "books": book, "days_without_files": without, "quarantined": files}
            told.append({"feed": feed, **of_feed})
            outlet_events[REPORTS].add(report_of(feed), extra=told[-1])
        return told

    @task(retries=0)
    def balance(reports: Any) -> None:
        """Fails where a book does not."""
        faults = [fault for of_feed in reports for fault in of_feed["books"]["faults"]]
        if faults:
            raise AirflowFailException(f"books do not balance: {faults}")

    swept = of_each("sweep", "sweep", "FEED")
    books = of_each("audit", "audit", "FEED", findings=True)
    days = of_each("completeness", "completeness", "FEED", f"--to={YESTERDAY}", "--missing")
    set_aside = of_each("quarantined", "files", "list", "--feed=FEED", "--state=quarantined", "--limit=100")
    swept >> [books, days, set_aside]
    balance(report(swept.output, books.output, days.output, set_aside.output))


trade_reconcile()
