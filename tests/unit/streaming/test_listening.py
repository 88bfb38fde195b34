"""Feeds are grouped by their queues: one listener a queue, for all that are configured, whoever streams them."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from streaming.feeds import plans
from streaming.health import Health
from streaming.journaling import LetterBox
from streaming.listening import Listening
from streaming.settings import Settings
from triggers.errors import LettersUnkept, PrefixMissing
from triggers.letters import Letter
from triggers.listener import Listener
from triggers.notifications.port import Appeared, Notification, NotOurs, Parse
from triggers.queues import Place
from triggers.queues.held import Held
from triggers.queues.port import Message, Queue
from triggers.stores.access import Access

AT = datetime(2026, 1, 2, tzinfo=UTC)
QUEUE = {"queue": "https://sqs.eu-central-1.amazonaws.com/123456789012/trades"}
OTHER = {"queue": "https://sqs.eu-central-1.amazonaws.com/123456789012/others"}


class Reached:
    """Queues by the place that was asked for; a message is a uri."""

    def __init__(self) -> None:
        self.queues: dict[str, MemoryQueue] = {}

    def __call__(self, place: Place, _access: Access) -> tuple[Queue, Parse]:
        self.queues[str(place)] = MemoryQueue()
        return self.queues[str(place)], self.parse

    @staticmethod
    def parse(body: bytes) -> list[Notification]:
        return [Appeared(body.decode(), "01", "v-1", 1, AT)] if body else [NotOurs("test")]


class MemoryQueue:
    """A queue that the test fills."""

    def __init__(self) -> None:
        self.held = Held(lambda: datetime.now(UTC), timedelta(seconds=60))
        self.acknowledged = threading.Semaphore(0)

    @property
    def visibility(self) -> timedelta:
        return self.held.visibility

    def receive(self, wait: timedelta, limit: int = 10_000) -> list[Message]:
        return self.held.take(limit) if wait >= timedelta() else []

    def acknowledge(self, messages: Sequence[Message]) -> list[Message]:
        done = self.held.drop(messages)
        self.acknowledged.release(len(messages))
        return done

    def extend(self, messages: Sequence[Message], by: timedelta) -> list[Message]:
        return self.held.keep(messages, by)

    def release(self, messages: Sequence[Message], delay: timedelta = timedelta()) -> None:
        self.held.keep(messages, delay)

    def close(self) -> None:
        pass


def feed(prefix: str, events: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    return {"source": prefix, "profile": "demo-exchange", **({"events": events} if events else {}), **more}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "in").mkdir()
    feeds = {
        "spot": feed("s3://b/spot", QUEUE),
        "swaps": feed("s3://b/swaps", QUEUE),
        "others": feed("s3://b/others", OTHER),
        "swept": feed("s3://b/swept"),
        "local": feed(str(tmp_path / "in")),
    }
    return Settings.model_validate({"state": {"dir": str(tmp_path / "state")}, "feeds": feeds})


def listening(settings: Settings, *names: str, reach: Callable[..., tuple[Queue, Parse]]) -> Listening:
    return Listening(settings, plans(settings, names), _nowhere, reach=reach)


def _nowhere(_letters: Sequence[Letter]) -> None:
    raise AssertionError("there is no letter here")


def served(listeners: Sequence[Listener]) -> dict[str, list[str]]:
    return {listener.place.rpartition("/")[2]: list(listener.counts.feeds) for listener in listeners}


def test_feeds_of_one_queue_have_one_listener_and_a_folder_has_its_own(settings: Settings) -> None:
    all_of_them = listening(settings, reach=Reached())
    assert served(all_of_them.listeners) == {"trades": ["spot", "swaps"], "others": ["others"], "": ["local"]}


def test_a_queue_is_listened_to_for_every_feed_that_is_configured_on_it(settings: Settings) -> None:
    assert served(listening(settings, "spot", reach=Reached()).listeners) == {"trades": ["spot", "swaps"]}
    assert served(listening(settings, "swept", reach=Reached()).listeners) == {}


def test_a_folder_that_is_missing_is_told_before_anything_starts(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "in").rmdir()
    with pytest.raises(PrefixMissing):
        listening(settings, "local", reach=Reached())


@pytest.fixture
def running(settings: Settings) -> Iterator[tuple[Listening, MemoryQueue]]:
    reached, stop = Reached(), threading.Event()
    made = listening(settings, "spot", reach=reached)
    made.start(stop)
    yield made, reached.queues[QUEUE["queue"]]
    stop.set()
    made.join(20)
    made.check()


class Worked:
    """As a command shows its listeners."""

    def __init__(self, listening: Listening) -> None:
        self.listeners = listening.listeners
        self._listening = listening

    def figures(self) -> dict[str, dict[str, Any]]:
        return {name: {"up": True, **self._listening.figures(name)} for name in ("spot", "swaps", "local")}


def test_arrivals_lie_where_each_feeds_stream_looks_and_metrics_tell_of_them(
    running: tuple[Listening, MemoryQueue], tmp_path: Path
) -> None:
    made, queue = running
    for uri in ("s3://b/spot/a.csv", "s3://b/swaps/b.csv", "s3://b/nobody/c.csv", ""):
        queue.held.put(uri.encode())
    for _ in range(4):
        assert queue.acknowledged.acquire(timeout=20)
    for name in ("spot", "swaps"):
        [file] = (tmp_path / "state" / "journal" / name / "live").iterdir()
        assert json.loads(file.read_text())["feed"] == name
    assert made.figures("spot") == {"events_journaled": 1, "events_waiting": 0}
    assert made.figures("local") == {"events_journaled": 0, "events_waiting": 0}
    _metrics_tell(made)


def _metrics_tell(made: Listening) -> None:
    with Health(0, Worked(made)) as health:
        with urlopen(f"{health.address}/metrics") as answer:
            told = answer.read().decode()
        with urlopen(f"{health.address}/healthz") as answer:
            assert json.load(answer)["swaps"] == {"up": True, "events_journaled": 1, "events_waiting": 0}
    place = f'queue="{QUEUE["queue"]}"'
    for line in (
        'tradewind_events_journaled{feed="spot"} 1.0',
        f"tradewind_messages_received_total{{{place}}} 4.0",
        f"tradewind_arrivals_journaled_total{{{place}}} 2.0",
        f"tradewind_letters_kept_total{{{place}}} 0.0",
        f"tradewind_files_waiting{{{place}}} 0.0",
        f'tradewind_notifications_ignored_total{{{place},reason="elsewhere"}} 1.0',
        f'tradewind_notifications_ignored_total{{{place},reason="not_an_object"}} 1.0',
    ):
        assert line in told.splitlines()
    assert "tradewind_event_lag_seconds{" in told
    assert "tradewind_queue_backlog{" not in told  # this queue does not tell
    assert "owed_files{" not in told  # nor do listeners know of the ledger


def test_a_database_that_is_away_keeps_no_letter_and_says_so(tmp_path: Path) -> None:
    box = LetterBox(lambda: f"postgresql:///nobody?host={tmp_path}")
    with pytest.raises(LettersUnkept, match="they stay in their queue"):
        box([Letter("q", "1", b"x", "not JSON", 1, AT)])


def test_a_hook_is_nobodys_to_listen_to(settings: Settings) -> None:
    hook = {"topics": ["arn:aws:sns:eu-west-1:123456789012:trades"]}
    told = settings.model_dump(by_alias=True) | {
        "feeds": {"called": feed("s3://b/called", {"hook": "aws-sns"})},
        "hooks": {"aws-sns": hook},
    }
    called = Settings.model_validate(told)
    assert listening(called, reach=Reached()).listeners == []
    assert listening(called, reach=Reached()).figures("called") == {"events_journaled": 0, "events_waiting": 0}
