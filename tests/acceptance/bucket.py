"""A feed over a bucket that tells a queue, streamed by a real Spark into a real PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sinks import runs
from streaming.feeds import FeedPlan, plans
from streaming.job import Job
from streaming.settings import Settings
from tests.acceptance.desk import Desk

if TYPE_CHECKING:
    from tests.clouds.moto_server import MotoServer

WITHIN = 120.0


class Bucket(Desk):
    """A feed over a bucket that tells a queue."""

    def __init__(self, folder: Path, dsn: str, session: Any, aws: MotoServer) -> None:
        super().__init__(folder / "in", folder / "state", dsn, session)
        self.aws = aws
        self.bucket = aws.bucket()
        self.queue = aws.queue(VisibilityTimeout="30")
        aws.notify(self.bucket, self.queue)
        self.s3 = aws.client("s3")
        self.discovery, self.sweep_every, self.feed = "events", "1h", dict[str, Any]()

    @property
    def whole_settings(self) -> Settings:
        feed = {
            "source": f"s3://{self.bucket}/in/",
            "profile": "demo-exchange",
            "discovery": self.discovery,
            **self.feed,
        }
        if self.discovery == "events":
            feed["events"] = {"queue": self.queue}
        return Settings.model_validate(
            {
                "state": {"dir": str(self.state)}, "batch": self.batch, "feeds": {"x": feed},
                "s3": {"endpoint": self.aws.endpoint, "region": self.aws.region},
                "stream": {"sweep_every": self.sweep_every, "health_port": False},
            }
        )  # fmt: skip

    @property
    def plan(self) -> FeedPlan:
        return plans(self.whole_settings)[0]

    def put(self, name: str, content: bytes) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=f"in/{name}", Body=content)

    @contextmanager
    def streaming(self) -> Iterator[Job]:
        """The feed's stream, for the time of the block; what ended it is raised."""
        failures: list[BaseException] = []
        with runs.run(self.dsn, "stream", ["x"]) as run:
            job = Job(self.whole_settings, self.dsn, self.session, run)

            def work() -> None:
                try:
                    job.stream([self.plan])
                except BaseException as failure:  # noqa: BLE001 - raised in the test's own thread
                    failures.append(failure)

            thread = threading.Thread(target=work)
            thread.start()
            try:
                self.until(lambda: bool(failures) or bool(job.feeds and job.feeds[0].query), "the query started")
                yield job
            finally:
                job.stop.set()
                thread.join(WITHIN)
        if failures:
            raise failures[0]

    def until(self, true: Callable[[], bool], what: str) -> None:
        waited = threading.Event()
        for _ in range(int(WITHIN / 0.05)):
            if true():
                return
            waited.wait(0.05)
        raise AssertionError(f"not within {WITHIN} s: {what}; {self.states()}")

    def until_rows(self, rows: int) -> None:
        self.until(lambda: self.count() == rows, f"{rows} rows")

    def waiting_messages(self) -> int:
        """In the queue, held ones too."""
        got = self.aws.client("sqs").get_queue_attributes(QueueUrl=self.queue, AttributeNames=["All"])["Attributes"]
        return int(got["ApproximateNumberOfMessages"]) + int(got["ApproximateNumberOfMessagesNotVisible"])

    def sweeps(self, column: str) -> int:
        """What all sweeps counted in one column of their records."""
        return int(self.ask(f"SELECT coalesce(sum({column}), 0) FROM tradewind.reconciliations")[0][0])

    def ended_sweeps(self) -> int:
        return int(self.ask("SELECT count(ended_at) FROM tradewind.reconciliations")[0][0])

    def requests(self) -> dict[str, int]:
        """What the bucket was asked for, but for what the test itself put there."""
        counted = dict(self.aws.counts("s3"))
        counted.pop("PutObject", None)
        return counted
