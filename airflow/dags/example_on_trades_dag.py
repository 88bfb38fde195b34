"""An example of a DAG of yours: it runs when the feed `spot` has got new trades, and is told how many."""

from __future__ import annotations

from typing import Any

from airflow.sdk import dag, task

from tradewind_cli import asset_of

SPOT = asset_of("spot")


@dag(dag_id="example_on_trades", doc_md=__doc__, schedule=[SPOT], tags=["tradewind", "example"])
def example_on_trades() -> None:
    @task
    def told(triggering_asset_events: Any) -> list[dict[str, Any]]:
        """Rows, rejects and files of each load since the last run."""
        return [event.extra for event in triggering_asset_events[SPOT]]

    told()


example_on_trades()
