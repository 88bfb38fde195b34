"""The desk of a hook: a message is done when all that it tells of is durable, and not a moment sooner."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from api.hooks.desk import STUCK, Desk
from api.hooks.errors import Later, Refused
from api.hooks.fetching import MOST, PAUSE, Sparing
from triggers.journal import Journal
from triggers.letters import Letter
from triggers.notifications.local import parse, render
from triggers.sources import Source
from triggers.stores.local import LocalStore, uri_of
from triggers.watched import Watched


def _no_letters(_letters: Sequence[Letter]) -> None:
    raise AssertionError("there is no letter here")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


def desk(tmp_path: Path, journal: Journal, patience: float = 60.0, clock: Callable[[], float] = time.monotonic) -> Desk:
    """A feed whose files are whole once their markers are there."""
    watched = Watched("f", Source.parse(uri_of(tmp_path / "in") + "/"), LocalStore(), journal, "marker:.done")
    return Desk("/hooks/test", [watched], parse, _no_letters, patience, clock=clock)


def test_a_file_that_is_not_whole_is_to_come_again_until_it_is(tmp_path: Path, journal: Journal) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("x")
    message = render("appeared", uri_of(tmp_path / "in" / "a.csv"))
    made = desk(tmp_path, journal)
    with pytest.raises(Later):
        made.take("1", message)
    assert list(journal.since("")) == []
    (tmp_path / "in" / "a.csv.done").touch()
    made.take("1", message)
    ((_, (arrival,)),) = journal.since("")
    assert arrival.uri.endswith("/a.csv")


def test_who_waits_too_long_for_those_before_is_to_come_again(tmp_path: Path, journal: Journal) -> None:
    made = desk(tmp_path, journal, patience=0.01)
    with made._turn, pytest.raises(Later):  # somebody else's turn takes its time
        made.take("1", b"")
    assert made.listener.counts.received == 0


def test_behind_a_turn_that_is_stuck_nobody_queues_up(tmp_path: Path, journal: Journal) -> None:
    now = [0.0]
    made = desk(tmp_path, journal, clock=lambda: now[0])
    with made._turn:
        now[0] += STUCK + 0.1
        with pytest.raises(Later):  # at once: its patience is longer than any test's
            made.take("1", b"")
    made.take("2", render("deleted", "file:///x"))
    assert made.listener.counts.received == 1


def test_what_fails_is_not_asked_for_again_at_once() -> None:
    now, asked = [0.0], list[str]()

    def fetch(url: str) -> bytes:
        asked.append(url)
        raise Refused("404")

    sparing = Sparing(fetch, lambda: now[0])
    for _ in range(3):
        with pytest.raises(Refused):
            sparing("https://a/")
    assert asked == ["https://a/"]
    now[0] += PAUSE
    with pytest.raises(Refused):
        sparing("https://a/")
    assert len(asked) == 2


def test_not_much_is_asked_for_within_a_minute() -> None:
    now, asked = [0.0], list[str]()

    def fetch(url: str) -> bytes:
        asked.append(url)
        return b""

    sparing = Sparing(fetch, lambda: now[0])
    for number in range(MOST):
        sparing(f"https://a/{number}")
    with pytest.raises(Later):
        sparing("https://a/x")
    now[0] += 60
    sparing("https://a/x")
    assert len(asked) == MOST + 1


def test_those_who_wait_find_their_message_done_by_whoever_had_the_turn(tmp_path: Path, journal: Journal) -> None:
    made = desk(tmp_path, journal, clock=lambda: 0.0)
    threads = [threading.Thread(target=made.take, args=(str(n), render("deleted", f"file:///{n}"))) for n in range(20)]
    with made._turn:
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join(30)
    assert made.listener.counts.received == 20
