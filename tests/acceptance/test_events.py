"""From an upload to rows, over each cloud by its own protocols, with a real Spark and a real PostgreSQL."""

from __future__ import annotations

import random
import threading
from contextlib import AbstractContextManager

import pytest

from tests.acceptance.cloud_feed import WITHIN, CloudFeed
from tests.acceptance.desk import row, table
from tests.acceptance.feeds import FEEDS

CLOUDS = tuple(FEEDS)


def over(*soon: str, seconds: int = 10) -> pytest.MarkDecorator:
    """The test over every cloud; `soon` are those that it is not slow over, `seconds` what it takes over the others."""
    rows = [pytest.param(cloud, marks=() if cloud in soon else pytest.mark.slow(seconds)) for cloud in CLOUDS]
    return pytest.mark.parametrize("bucket", rows, indirect=True)


@over(*CLOUDS)
def test_an_upload_is_told_by_the_queue_and_costs_one_request_to_the_bucket(bucket: CloudFeed) -> None:
    with bucket.streaming():
        bucket.until_swept()
        bucket.forget()
        bucket.put("a b+é%.csv", table(row(1), row(2)))
        bucket.until_rows(2)
        assert bucket.asked_of_bucket() == {bucket.names.read: 1}
        bucket.put("2.csv", table(row(3)))
        bucket.until_rows(3)
        bucket.forget()
        bucket.until_idle()
        assert bucket.asked_of_bucket() == {}
    assert bucket.states() == {"a b+é%.csv": ["loaded"], "2.csv": ["loaded"]}


@over("s3")
def test_by_the_sweep_alone_a_list_and_a_get_are_all_that_is_asked(bucket: CloudFeed) -> None:
    bucket.discovery, bucket.sweep_every = "sweep", "1s"
    for number in range(20):
        bucket.put(f"{number}.csv", table(row(number)))
    bucket.forget()
    with bucket.streaming():
        bucket.until_rows(20)
    asked = bucket.asked_of_bucket()
    assert asked.pop(bucket.names.list) >= 1
    assert asked == {bucket.names.read: 20}


@over("s3")
def test_the_store_s_own_time_replaces_that_of_the_event(bucket: CloudFeed) -> None:
    with bucket.streaming():
        bucket.put("a.csv", table(row(1)))
        bucket.until_rows(1)
    (shown,) = bucket.listed()
    assert bucket.ask("SELECT modified_at, version FROM tradewind.files") == [(shown.modified_at, shown.version)]


@over("s3", "pub/sub")  # where the old version is told of too, as deleted
def test_overwritten_after_it_was_loaded_the_new_version_corrects_the_rows(bucket: CloudFeed) -> None:
    with bucket.streaming():
        bucket.put("a.csv", table(row(1, price=1), row(2, price=1)))
        bucket.until_rows(2)
        bucket.put("a.csv", table(row(1, price=2)))
        bucket.until(lambda: bucket.prices() == {"1": "2", "2": "1"}, "the new price")
        bucket.until_acknowledged()
    assert bucket.states() == {"a.csv": ["superseded", "loaded"]}


@over(*CLOUDS)
def test_overwritten_before_it_is_read_only_the_new_version_is_loaded(bucket: CloudFeed) -> None:
    bucket.put("a.csv", table(row(1, price=1)))
    seen = bucket.sightings()
    bucket.put("a.csv", table(row(1, price=2)))
    bucket.take(seen)
    assert bucket.prices() == {"1": "2"}
    assert bucket.states() == {"a.csv": ["vanished", "loaded"]}


@over("s3")
def test_overwritten_while_it_is_read_nothing_of_the_old_bytes_counts(bucket: CloudFeed) -> None:
    replaced = threading.Event()

    def replace() -> None:
        if not replaced.is_set():
            replaced.set()
            bucket.put("a.csv", table(row(1, price=2)))

    with bucket.streaming(), bucket.before_reads(replace):
        bucket.put("a.csv", table(row(1, price=1), row(2, price=1)))
        bucket.until(lambda: bucket.states().get("a.csv", [])[-1:] == ["loaded"], "the new version is loaded")
    assert bucket.prices() == {"1": "2"}
    assert bucket.states() == {"a.csv": ["vanished", "loaded"]}


@over("s3")
def test_an_upload_in_parts_is_one_arrival(bucket: CloudFeed) -> None:
    with bucket.streaming():
        bucket.put_in_parts("parts.csv", table(*(row(n) for n in range(150_000))))
        bucket.until_rows(150_000)
    (shown,) = bucket.listed()
    assert bucket.ask("SELECT version, registrations FROM tradewind.files") == [(shown.version, 1)]


@over("s3")
def test_deleted_before_it_is_read_it_has_vanished_and_nothing_is_tried_for_ever(bucket: CloudFeed) -> None:
    bucket.put("a.csv", table(row(1)))
    bucket.delete("a.csv")
    bucket.put("b.csv", table(row(2)))
    with bucket.streaming():
        bucket.until(lambda: bucket.states() == {"a.csv": ["vanished"], "b.csv": ["loaded"]}, "both are settled")
    assert bucket.owed() == []


@over(seconds=50)
@pytest.mark.timeout(900)
def test_what_the_queue_doubles_shuffles_and_loses_is_loaded_once_each(bucket: CloudFeed) -> None:
    files, rng, told = 2_000, random.Random(7), bucket.divert()
    with bucket.streaming() as job:
        bucket.until_swept()
        bucket.put_all({f"{number:05}.csv": table(row(number)) for number in range(files)})
        kept = [body for body in told() if rng.random() >= 0.05]
        lost = files - len(kept)
        assert lost > 50
        bucket.send(*rng.sample(kept + kept, 2 * len(kept)))
        bucket.until_rows(files - lost)
        assert bucket.sweeps("missed") == 0
        job.sweep_now()
        bucket.until_rows(files)
    assert bucket.ask("SELECT count(*), sum(inserted) FROM tradewind.files WHERE state = 'loaded'") == [(files, files)]
    assert bucket.sweeps("missed") == lost


@over("s3")
def test_a_listener_killed_between_journal_and_acknowledgement_doubles_nothing(bucket: CloudFeed) -> None:
    killed = threading.Event()
    bucket.hold_for(1)
    bucket.put("a.csv", table(row(1)))
    with bucket.stuck(bucket.names.acknowledge, killed), bucket.listening() as listener:
        bucket.until(lambda: bucket.asked_of_queue(bucket.names.acknowledge) > 0, "the acknowledgement is under way")
        listener.kill()
        listener.wait()
        killed.set()
    bucket.let_holds_end()
    assert len(list((bucket.state / "journal/x/live").glob("[!.]*.json"))) == 1
    with bucket.streaming():
        bucket.until_rows(1)
        bucket.until_acknowledged()
    assert bucket.ask("SELECT state, registrations, inserted FROM tradewind.files") == [("loaded", 1, 1)]


@over("s3", seconds=120)
@pytest.mark.timeout(WITHIN * 3)
def test_a_message_held_longer_than_its_visibility_is_extended_and_not_given_to_others(bucket: CloudFeed) -> None:
    bucket.hold_for(6)
    bucket.feed["complete"] = "marker:.done"
    with bucket.streaming():
        bucket.put("a.csv", table(row(1)))
        bucket.until(lambda: bucket.asked_of_queue(bucket.names.extend) >= 2, "it is extended again and again")
        bucket.put("a.csv.done", b"")
        bucket.until_rows(1)
        bucket.until_acknowledged()
    assert bucket.ask("SELECT state, registrations FROM tradewind.files WHERE uri LIKE '%%.csv'") == [("loaded", 1)]


@over("s3")
def test_a_queue_full_of_foreign_messages_blocks_nothing(bucket: CloudFeed) -> None:
    bucket.send(*bucket.foreign * 100, bucket.garbled)
    bucket.put("a.csv", table(row(9)), folder="elsewhere/")
    bucket.put("a.csv", table(row(1)))
    with bucket.streaming():
        bucket.until_rows(1)
        bucket.until(lambda: bucket.ask("SELECT count(*) FROM tradewind.dead_letters") == [(1,)], "a letter")
        bucket.until_acknowledged()
    ((body,),) = bucket.ask("SELECT body FROM tradewind.dead_letters")
    assert bucket.told_in(bytes(body)) == bucket.garbled


def _failing(bucket: CloudFeed, what: str) -> AbstractContextManager[None]:
    match what:
        case "the store":
            return bucket.store_away()
        case "the queue":
            return bucket.queue_away()
        case "the credentials":
            return bucket.refused()
    return bucket.down()


@over(seconds=15)
@pytest.mark.timeout(900)
@pytest.mark.parametrize("what", ["everything", "the store", "the queue", "the credentials"])
def test_what_fails_for_a_while_loses_nothing(bucket: CloudFeed, what: str) -> None:
    with bucket.streaming():
        bucket.put("1.csv", table(row(1)))
        bucket.until_rows(1)
        bucket.put("2.csv", table(row(2)))
        with _failing(bucket, what):
            threading.Event().wait(10.0)
        bucket.put("3.csv", table(row(3)))
        bucket.until_rows(3)
    assert bucket.states() == {f"{n}.csv": ["loaded"] for n in (1, 2, 3)}
