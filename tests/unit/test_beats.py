"""When a feed is swept: time stands still but for what a test lets pass."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from streaming.beats import Beats
from triggers.errors import PrefixMissing, StoreUnavailable


@dataclass
class Plan:
    name: str = "spot"


@dataclass
class Sweeps:
    """Stands for a feed's sweeps: remembers how each was asked for, fails or resumes as told."""

    plan: Plan = field(default_factory=Plan)
    asked: list[tuple[str, bool]] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    resumed: bool = False

    def sweep(self, why: str, *, full: bool, stop: threading.Event) -> None:
        self.asked.append((why, full))
        if self.failures:
            raise self.failures.pop()


@dataclass
class Clock:
    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def sweeps() -> Sweeps:
    return Sweeps()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def beats(sweeps: Sweeps, clock: Clock) -> Beats:
    return Beats(cast(Any, sweeps), every=10, full_every=60, clock=clock)


def looks(beats: Beats, clock: Clock, *seconds: float) -> None:
    """Look after each of these waits."""
    for wait in seconds:
        clock.now += wait
        beats.look(threading.Event())


def test_the_first_sweep_is_the_starts_and_the_others_follow_their_beat(
    beats: Beats, sweeps: Sweeps, clock: Clock
) -> None:
    looks(beats, clock, 0, 5, 4, 1, 9, 1)
    assert sweeps.asked == [("start", True), ("beat", False), ("beat", False)]


def test_a_full_pass_comes_at_its_slower_beat(beats: Beats, sweeps: Sweeps, clock: Clock) -> None:
    looks(beats, clock, 0, *[10] * 12)
    assert [full for _, full in sweeps.asked] == [True, *[False] * 5, True, *[False] * 5, True]


def test_a_gap_in_the_events_is_swept_at_once_and_whole(beats: Beats, sweeps: Sweeps, clock: Clock) -> None:
    looks(beats, clock, 0)
    beats.now("gap")
    looks(beats, clock, 1, 1)
    assert sweeps.asked == [("start", True), ("gap", True)]


def test_a_store_that_is_away_is_asked_again_soon_and_the_pass_that_failed_is_made_up_for(
    beats: Beats, sweeps: Sweeps, clock: Clock
) -> None:
    sweeps.failures = [StoreUnavailable("s3://b", "no answer")]
    looks(beats, clock, 0, 4, 1)
    assert sweeps.asked == [("start", True), ("beat", True)]


def test_a_sweep_that_went_on_with_another_one_is_followed_by_a_whole_one(
    beats: Beats, sweeps: Sweeps, clock: Clock
) -> None:
    sweeps.resumed = True
    looks(beats, clock, 0)
    sweeps.resumed = False
    looks(beats, clock, 1, 1)
    assert sweeps.asked == [("start", True), ("beat", True)]


def test_what_cannot_pass_by_itself_ends_the_beats_and_is_kept(beats: Beats, sweeps: Sweeps) -> None:
    sweeps.failures = [PrefixMissing("file:///in/")]
    beats.start(threading.Event()).join(10)
    assert isinstance(beats.failure, PrefixMissing)


def test_once_an_hour_what_is_loaded_is_cleared(sweeps: Sweeps, clock: Clock) -> None:
    went: list[float] = []
    beats = Beats(cast(Any, sweeps), 10, 60, clear=lambda: went.append(clock.now), clock=clock)
    looks(beats, clock, 0, 3_599, 1, 10)
    assert went == [1_000.0, 4_600.0]
