"""A feed over a bucket that tells a queue, whichever cloud it is of: what end-to-end tests ask of each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from sinks import runs
from streaming.feeds import FeedPlan, plans
from streaming.job import Job
from streaming.settings import Settings
from tests.acceptance.desk import Desk
from triggers.stores.port import Listed

WITHIN = 150.0
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Names:
    """What a cloud calls the requests that tests count."""

    read: str
    list: str
    receive: str
    acknowledge: str
    extend: str


class CloudFeed(Desk, ABC):
    """One feed, `x`, over the folder `in/` of a bucket of its own, which tells a queue of its own."""

    names: ClassVar[Names]
    within: ClassVar[float] = WITHIN  # seconds until a test gives up
    #: A message that nobody can read, and some that can be read and speak of other things.
    garbled: ClassVar[str] = "no JSON at all"
    foreign: ClassVar[tuple[str, ...]] = ('{"something": "else"}',)

    def __init__(self, folder: Path, dsn: str, session: Any) -> None:
        super().__init__(folder / "in", folder / "state", dsn, session)
        self.discovery, self.sweep_every, self.feed = "events", "1h", dict[str, Any]()

    # What each cloud does in its own way.

    @property
    @abstractmethod
    def source(self) -> str:
        """The canonical uri of the feed's folder."""

    @property
    @abstractmethod
    def events(self) -> dict[str, str]:
        """The table `feeds.x.events`."""

    @property
    @abstractmethod
    def tables(self) -> dict[str, dict[str, str]]:
        """The tables of the configuration that lead to the stand-in."""

    @abstractmethod
    def put(self, name: str, content: bytes, folder: str = "in/") -> None:
        """Upload in one piece; the cloud tells of it."""

    @abstractmethod
    def put_in_parts(self, name: str, content: bytes) -> None:
        """Upload as the cloud's client does with large files; told once."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Delete; the cloud tells of it."""

    @abstractmethod
    def asked_of_bucket(self) -> dict[str, int]:
        """What the bucket was asked for since `forget`, by the cloud's own names, but for what tests upload."""

    @abstractmethod
    def asked_of_queue(self, operation: str) -> int:
        """How often the queue was asked for this since `forget`."""

    @abstractmethod
    def forget(self) -> None:
        """Count from nought."""

    @abstractmethod
    def waiting_messages(self) -> int:
        """In the queue, held ones too."""

    @abstractmethod
    def send(self, *bodies: str) -> None:
        """Any message, by somebody else."""

    @abstractmethod
    def divert(self) -> Callable[[], list[str]]:
        """From now on what the bucket tells does not reach the feed's queue; the answer gives all that was told."""

    @abstractmethod
    def hold_for(self, seconds: int) -> None:
        """Messages are held for so long by who receives them, where the queue can be told."""

    @abstractmethod
    def let_holds_end(self) -> None:
        """Who held messages and was killed holds them no more."""

    @abstractmethod
    def stuck(self, operation: str, until: threading.Event) -> AbstractContextManager[None]:
        """Requests of this operation to the queue do not get through before `until`, and are not carried out."""

    @abstractmethod
    def before_reads(self, act: Callable[[], None]) -> AbstractContextManager[None]:
        """Before each read of an object is answered, `act` comes first."""

    @abstractmethod
    def down(self) -> AbstractContextManager[None]:
        """Neither the bucket nor the queue answers."""

    @abstractmethod
    def store_away(self) -> AbstractContextManager[None]:
        """The bucket alone answers that it cannot now."""

    @abstractmethod
    def queue_away(self) -> AbstractContextManager[None]:
        """The queue alone does so."""

    @abstractmethod
    def refused(self) -> AbstractContextManager[None]:
        """The credentials are refused by both."""

    # What is the same for all.

    def put_all(self, files: dict[str, bytes]) -> None:
        """Upload many, by name; the cloud tells of each."""
        for name, content in files.items():
            self.put(name, content)

    @property
    def whole_settings(self) -> Settings:
        feed = {"source": self.source, "profile": "demo-exchange", "discovery": self.discovery, **self.feed}
        if self.discovery == "events":
            feed["events"] = self.events
        stream = {"sweep_every": self.sweep_every, "health_port": False}
        return Settings.model_validate(
            {"state": {"dir": str(self.state)}, "batch": self.batch, "feeds": {"x": feed}, "stream": stream}
            | self.tables
        )

    @property
    def plan(self) -> FeedPlan:
        return plans(self.whole_settings)[0]

    def listed(self) -> list[Listed]:
        """What the store shows now."""
        return list(self.plan.stores.of(self.plan.prefix).list(self.plan.prefix))

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

    @contextmanager
    def listening(self) -> Iterator[subprocess.Popen[bytes]]:
        """`tradewind listen` as a process of its own, killed at the end if it still runs."""
        config = self.state / "tradewind.toml"
        feed = {"source": self.source, "profile": "demo-exchange"}
        tables = {"state": {"dir": str(self.state)}, **self.tables, "feeds.x": feed, "feeds.x.events": self.events}
        config.write_text("[stream]\nhealth_port = false\n" + "".join(map(_toml, tables, tables.values())))
        process = subprocess.Popen(
            [sys.executable, "-m", "cli_tool.run", "listen", "--config", str(config)],
            cwd=ROOT, env={**os.environ, "TRADEWIND_DATABASE_URL": self.dsn},
        )  # fmt: skip
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def until(self, true: Callable[[], bool], what: str) -> None:
        waited = threading.Event()
        for _ in range(int(self.within / 0.05)):
            if true():
                return
            waited.wait(0.05)
        raise AssertionError(f"not within {self.within} s: {what}; {self.states()}")

    def until_rows(self, rows: int) -> None:
        self.until(lambda: self.count() == rows, f"{rows} rows")

    def until_swept(self) -> None:
        """The sweep at the start is over."""
        self.until(lambda: self.ended_sweeps() == 1, "a sweep")

    def ended_sweeps(self) -> int:
        return int(self.ask("SELECT count(ended_at) FROM tradewind.reconciliations")[0][0])

    def until_idle(self) -> None:
        """The queue was asked, with nothing in it."""
        self.until(lambda: self.asked_of_queue(self.names.receive) > 1, "the queue is asked, with nothing in it")

    def told_in(self, letter: bytes) -> str:
        """The message, as `send` took it, that a dead letter holds."""
        return letter.decode()

    def until_acknowledged(self) -> None:
        self.until(lambda: self.waiting_messages() == 0, "all is acknowledged")

    def sweeps(self, column: str) -> int:
        """What all sweeps counted in one column of their records."""
        return int(self.ask(f"SELECT coalesce(sum({column}), 0) FROM tradewind.reconciliations")[0][0])


def _toml(name: str, table: dict[str, str]) -> str:
    return f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())


def batches(bodies: Sequence[str], size: int = 10) -> Iterator[Sequence[str]]:
    """Those bodies, some at a time."""
    return (bodies[start : start + size] for start in range(0, len(bodies), size))
