"""An example: a message of S3 in an SQS queue starts a backfill of the feeds, where no stream runs all day.

A message that is lost costs time, not rows: the next backfill lists the prefix and finds its file.
"""

from __future__ import annotations

import os
from datetime import timedelta

from airflow.providers.common.messaging.triggers.msg_queue import MessageQueueTrigger
from airflow.sdk import Asset, AssetWatcher, dag

from tradewind_cli import FEEDS, FEEDS_TOUCHED, TradewindOperator

QUEUE = os.environ.get("TRADEWIND_AIRFLOW_QUEUE", "https://sqs.eu-central-1.amazonaws.com/000000000000/trade-files")

messages = Asset(
    "trade_file_messages",
    watchers=[
        AssetWatcher(name="sqs", trigger=MessageQueueTrigger(scheme="sqs", sqs_queue=QUEUE, waiter_delay=10)),
    ],
)


@dag(
    dag_id="example_on_message",
    doc_md=__doc__,
    schedule=[messages],
    max_active_runs=1,  # messages that come meanwhile start one more run
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
    tags=["tradewind", "example"],
)
def example_on_message() -> None:
    TradewindOperator.partial(task_id="backfill", outlets=[FEEDS_TOUCHED]).expand(
        words=[["backfill", "--json", "--", feed] for feed in FEEDS]
    )


example_on_message()
