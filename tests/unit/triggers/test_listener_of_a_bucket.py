"""A listener on a bucket's queue, which serves several feeds and is told versions, sizes and times."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from triggers.arrival import Arrival
from triggers.journal import Journal
from triggers.letters import Letter
from triggers.listener import Listener, Watched
from triggers.notifications.port import Appeared, Deleted, Garbled, Notification, NotOurs, Renamed
from triggers.queues.held import Held
from triggers.queues.port import Message, Standing
from triggers.sources import Source
from triggers.stores.port import Listed, uncounted

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Bucket:
    """A store that notes who asks it for what."""

    def __init__(self) -> None:
        self.objects: dict[str, Listed] = {}
        self.asked: list[str] = []

    def list(
        self, prefix_uri: str, after: str | None = None, counting: Callable[[], None] = uncounted
    ) -> Iterator[Listed]:
        raise AssertionError(f"nobody lists {prefix_uri} after {after}")

    def stat(self, uri: str) -> Listed | None:
        self.asked.append(uri)
        return self.objects.get(uri)

    def open(self, uri: str, version: str, start: int = 0, end: int | None = None) -> Any:
        raise AssertionError(f"nobody opens {uri} {version} {start} {end}")

    def put(self, uri: str, version: str = "v1-1") -> None:
        self.objects[uri] = Listed(uri, version, 1, AT)


class TalkingQueue:
    """Messages are what is put in; their bodies are their numbers."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.held = Held(clock, timedelta(seconds=60))
        self.said: list[Sequence[Notification]] = []
        self.acknowledged: list[str] = []
        self.backlog = 7
        self.measured = 0

    @property
    def visibility(self) -> timedelta:
        return self.held.visibility

    def say(self, *notifications: Notification) -> None:
        self.held.put(str(len(self.said)).encode())
        self.said.append(notifications)

    def parse(self, body: bytes) -> list[Notification]:
        return list(self.said[int(body)])

    def standing(self) -> Standing:
        self.measured += 1
        return Standing(waiting=self.backlog)

    def receive(self, wait: timedelta, limit: int = 10_000) -> list[Message]:
        assert wait >= timedelta()
        return self.held.take(limit)

    def acknowledge(self, messages: Sequence[Message]) -> list[Message]:
        self.acknowledged += [message.id for message in messages]
        return self.held.drop(messages)

    def extend(self, messages: Sequence[Message], by: timedelta) -> list[Message]:
        return self.held.keep(messages, by)

    def release(self, messages: Sequence[Message], delay: timedelta = timedelta()) -> None:
        self.held.keep(messages, delay)

    def close(self) -> None:
        pass


class Stage:
    """Feeds by name on one queue: each its source and its policy."""

    def __init__(self, root: Path, clock: Any, **feeds: tuple[str, str]) -> None:
        self.root, self.clock = root, clock
        self.bucket, self.queue = Bucket(), TalkingQueue(clock)
        self.letters: list[Letter] = []
        self.watched = [
            Watched(name, Source.parse(source), self.bucket, Journal(root / name, clock=clock), complete)
            for name, (source, complete) in feeds.items()
        ]
        self.listener = self.another()

    def another(self) -> Listener:
        """As after a start: it remembers nothing."""
        keep = self.letters.extend
        return Listener("q", self.watched, self.queue, self.queue.parse, keep, clock=self.clock)

    def turn(self, *said: Notification) -> None:
        for notification in said:
            self.queue.say(notification)
        self.listener.turn()
        self.clock.advance(0.001)  # so that the names of journal files sort as they were written

    def arrivals(self, feed: str = "spot") -> list[Arrival]:
        files = sorted((self.root / feed).glob("[!.]*.json"))
        return [Arrival.from_row(json.loads(line)) for file in files for line in file.read_text().splitlines()]

    def versions(self, feed: str = "spot") -> list[str]:
        return [arrival.version for arrival in self.arrivals(feed)]

    @property
    def ignored(self) -> dict[Any, int]:
        return dict(self.listener.counts.ignored)

    @property
    def all_acknowledged(self) -> bool:
        return sorted(self.queue.acknowledged, key=int) == [str(n + 1) for n in range(len(self.queue.said))]


@pytest.fixture
def stage(tmp_path: Path, clock: Any) -> Stage:
    return Stage(tmp_path, clock, spot=("s3://b/spot/", "auto"), swaps=("s3://b/swaps/*.csv", "rename"))


def told(name: str = "spot/a.csv", version: str = "v1-1", sequence: str | None = "0A", size: int = 1) -> Appeared:
    return Appeared(f"s3://b/{name}", sequence, version, size, AT)


def test_what_the_event_tells_whole_goes_to_the_journal_and_the_store_is_not_asked(stage: Stage) -> None:
    stage.turn(told(size=5))
    assert stage.arrivals() == [Arrival("spot", "s3://b/spot/a.csv", "v1-1", 5, AT, "0A", "events")]
    assert (stage.bucket.asked, stage.all_acknowledged) == ([], True)


def test_an_event_without_a_time_happened_when_it_came(stage: Stage) -> None:
    now = stage.clock()
    stage.turn(Appeared("s3://b/spot/a.csv", "0A", "v1-1", 1))
    assert [arrival.modified_at for arrival in stage.arrivals()] == [now]


@pytest.mark.parametrize("lacking", [{"version": None}, {"size": None}])
def test_what_the_event_does_not_tell_the_store_is_asked_for(stage: Stage, lacking: dict[str, None]) -> None:
    stage.bucket.put("s3://b/spot/a.csv", "v7-1")
    event: dict[str, Any] = {"version": "v1-1", "size": 1, **lacking}
    stage.turn(Appeared("s3://b/spot/a.csv", "0A", **event))
    assert (stage.versions(), stage.bucket.asked) == (["v7-1"], ["s3://b/spot/a.csv"])


def test_a_policy_that_needs_a_look_gets_one(tmp_path: Path, clock: Any) -> None:
    stage = Stage(tmp_path, clock, spot=("s3://b/spot/*.csv", "marker:.done"))
    stage.bucket.put("s3://b/spot/a.csv")
    stage.turn(told())
    assert (stage.versions(), stage.listener.counts.waiting, stage.all_acknowledged) == ([], 1, False)
    stage.bucket.put("s3://b/spot/a.csv.done")
    stage.turn(told("spot/a.csv.done"))
    assert (stage.versions(), stage.listener.counts.waiting, stage.all_acknowledged) == (["v1-1"], 0, True)


def test_every_feed_of_a_queue_is_served_and_has_its_own_journal(stage: Stage) -> None:
    stage.turn(told("spot/a.csv"), told("swaps/a.csv"), told("swaps/b.csv"))
    assert [arrival.uri for arrival in stage.arrivals("swaps")] == ["s3://b/swaps/a.csv", "s3://b/swaps/b.csv"]
    assert [arrival.feed for arrival in stage.arrivals("spot")] == ["spot"]
    counts = stage.listener.counts
    assert {name: of.journaled for name, of in counts.feeds.items()} == {"spot": 1, "swaps": 2}
    assert (counts.journaled, stage.all_acknowledged) == (3, True)


def test_an_object_of_two_feeds_is_acknowledged_when_both_have_it(tmp_path: Path, clock: Any) -> None:
    stage = Stage(tmp_path, clock, spot=("s3://b/spot/", "auto"), marked=("s3://b/spot/*.csv", "marker:.done"))
    stage.bucket.put("s3://b/spot/a.csv")
    stage.turn(told())
    assert (stage.versions("spot"), stage.versions("marked"), stage.all_acknowledged) == (["v1-1"], [], False)
    stage.bucket.put("s3://b/spot/a.csv.done")
    clock.advance(5)
    stage.turn()
    assert (stage.versions("marked"), stage.all_acknowledged) == (["v1-1"], True)


def test_a_journal_that_cannot_be_written_keeps_the_other_feeds_going(stage: Stage) -> None:
    (stage.root / "spot").write_text("a file in the way")
    with pytest.raises(Exception, match="cannot be written"):
        stage.turn(told("spot/a.csv"), told("swaps/a.csv"))
    assert stage.versions("swaps") == ["v1-1"]
    (stage.root / "spot").unlink()
    stage.turn()
    assert (stage.versions("spot"), stage.versions("swaps"), stage.all_acknowledged) == (["v1-1"], ["v1-1"], True)


def test_messages_about_anything_else_are_counted_by_reason_acknowledged_and_no_error(stage: Stage) -> None:
    stage.turn(
        NotOurs("the test event"), told("other/a.csv"), Appeared("s3://other/spot/a.csv", "0A", "v-1", 1),
        told("swaps/a.txt"), told("spot/_SUCCESS"), told("spot/a.csv.md5"),
        Deleted("s3://b/spot/a.csv"), Deleted("s3://other/a.csv"),
    )  # fmt: skip
    assert stage.ignored == {"not_an_object": 1, "elsewhere": 3, "by_name": 3, "deleted": 1}
    assert (stage.listener.counts.errors, stage.letters, stage.all_acknowledged) == (0, [], True)
    assert stage.arrivals() == []


def test_a_message_of_no_notifications_is_done(stage: Stage) -> None:
    stage.queue.say()
    stage.turn()
    assert stage.all_acknowledged


def test_duplicates_of_one_version_collapse_together_or_one_after_the_other(stage: Stage) -> None:
    stage.turn(told(), told(), told("swaps/a.csv"))
    stage.turn(told())
    stage.clock.advance(3_600)
    stage.turn(told())
    assert (stage.versions("spot"), stage.versions("swaps")) == (["v1-1"], ["v1-1"])
    assert (stage.ignored, stage.all_acknowledged) == ({"duplicate": 3}, True)


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("order", [("A", "B"), ("B", "A")])
def test_an_older_sequence_never_hides_a_newer_version_whichever_comes_first(
    stage: Stage, order: tuple[str, str], together: bool
) -> None:
    events = {"A": told(version="A-1", sequence="01"), "B": told(version="B-1", sequence="02")}
    said = [events[name] for name in order]
    for turn in [said] if together else [[one] for one in said]:
        stage.turn(*turn)
    assert stage.versions() == [f"{name}-1" for name in order]
    assert {arrival.version: arrival.sequence for arrival in stage.arrivals()} == {"A-1": "01", "B-1": "02"}


@pytest.mark.parametrize("together", [True, False])
def test_an_old_version_that_returns_is_journaled_again_and_its_echo_is_not(stage: Stage, together: bool) -> None:
    said = [told(version=version, sequence=at) for version, at in (("A-1", "01"), ("B-1", "02"), ("A-1", "03"))]
    for turn in [said] if together else [[one] for one in said]:
        stage.turn(*turn)
    assert stage.versions()[-1] == "A-1"
    assert stage.arrivals()[-1].sequence == "03"
    before = len(stage.versions())
    stage.turn(told(version="A-1", sequence="01"), told(version="B-1", sequence="02"))
    assert len(stage.versions()) == before


def test_a_rename_is_an_arrival_under_the_new_name(stage: Stage) -> None:
    stage.turn(Renamed("s3://b/incoming/a.csv", told("spot/a.csv")))
    assert ([arrival.uri for arrival in stage.arrivals()], stage.ignored) == (["s3://b/spot/a.csv"], {})
    stage.turn(Renamed("s3://b/spot/a.csv", told("elsewhere/a.csv")))
    assert (len(stage.arrivals()), stage.ignored, stage.all_acknowledged) == (1, {"elsewhere": 1}, True)


def test_a_file_renamed_away_while_it_waits_is_let_go_under_its_old_name(tmp_path: Path, clock: Any) -> None:
    stage = Stage(tmp_path, clock, spot=("s3://b/spot/*.csv", "marker:.done"))
    stage.bucket.put("s3://b/spot/a.csv")
    stage.turn(told())
    del stage.bucket.objects["s3://b/spot/a.csv"]
    stage.turn(Renamed("s3://b/spot/a.csv", told("done/a.csv")))
    assert (stage.listener.counts.waiting, stage.versions(), stage.all_acknowledged) == (0, [], True)


def test_the_late_event_of_a_deleted_object_is_done_at_once(stage: Stage) -> None:
    stage.turn(Appeared("s3://b/spot/gone.csv", "0A"))
    assert (stage.versions(), stage.ignored, stage.all_acknowledged) == ([], {"gone": 1}, True)
    assert (stage.listener.counts.waiting, stage.listener.counts.errors) == (0, 0)


def test_killed_between_journal_and_acknowledge_the_same_version_is_journaled_and_nothing_else(stage: Stage) -> None:
    stage.queue.say(told())
    stage.queue.receive(timedelta())
    stage.watched[0].journal.append([Arrival("spot", "s3://b/spot/a.csv", "v1-1", 1, AT, "0A", "events")])
    stage.clock.advance(60)  # its visibility: nobody extends what a killed listener held
    stage.another().turn()
    first, second = stage.arrivals()
    assert first == second  # the ledger registers a version once
    assert stage.all_acknowledged


def test_a_message_that_is_half_readable_is_both_journaled_and_kept(stage: Stage) -> None:
    stage.queue.say(told(), Garbled("no key"), Garbled("no key"), Garbled("no bucket"))
    stage.turn()
    assert [(one.body, one.reason) for one in stage.letters] == [(b"0", "no key; no bucket")]
    assert (stage.versions(), stage.all_acknowledged) == (["v1-1"], True)


def test_lag_is_the_time_from_the_event_to_its_message(stage: Stage) -> None:
    now = stage.clock()
    stage.turn(Appeared("s3://b/spot/a.csv", "0A", "v1-1", 1, now - timedelta(seconds=9)))
    counts = stage.listener.counts
    assert (counts.lag, counts.last_event_at) == (9, now)


def test_the_backlog_is_asked_for_now_and_then(stage: Stage) -> None:
    for _ in range(10):
        stage.turn()
        stage.clock.advance(6)
    assert (stage.listener.counts.backlog, stage.queue.measured) == (7, 2)


def test_a_message_held_longer_than_its_visibility_is_not_received_twice(tmp_path: Path, clock: Any) -> None:
    stage = Stage(tmp_path, clock, spot=("s3://b/spot/*.csv", "marker:.done"))
    stage.bucket.put("s3://b/spot/a.csv")
    stage.turn(told())
    for _ in range(10):
        clock.advance(31)
        stage.turn()
    assert (stage.listener.counts.received, stage.listener.counts.waiting) == (1, 1)
