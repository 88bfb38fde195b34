"""A running stream clears what it has loaded out of a bucket: late enough, only that, and on record."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.aws_feed import AwsFeed
from tests.acceptance.cloud_feed import WITHIN
from tests.acceptance.desk import row, table

if TYPE_CHECKING:
    from tests.clouds.aws_requests import Asked

#: What must be so, by what others can see, at the moment in which an object goes.
READY = """SELECT state = 'loaded' AND loaded_at <= now() - interval '2 seconds' AND cleared_how IS NOT NULL
AND EXISTS (SELECT FROM tradewind.trades t WHERE t.file_id = f.file_id) FROM tradewind.files f WHERE uri = %(uri)s"""


def keys(bucket: AwsFeed) -> list[str]:
    listed = bucket.s3.list_objects_v2(Bucket=bucket.bucket)
    return [one["Key"] for one in listed.get("Contents", ())]


def went(bucket: AwsFeed) -> dict[str, tuple[str, str | None]]:
    """How each object went, and where it is."""
    told = "SELECT uri, cleared_how, cleared_to FROM tradewind.files WHERE cleared_at IS NOT NULL"
    return {uri.removeprefix(bucket.plan.prefix): (how, to) for uri, how, to in bucket.ask(told)}


def before_deletions(bucket: AwsFeed, act: Callable[[str], None]) -> Any:
    """Whatever is deleted from the bucket, `act` comes first, with the object's uri."""

    def fault(wanted: Asked, _: Any, __: Any) -> None:
        if wanted.operation == "DeleteObject":
            act(f"s3:/{wanted.path}")

    return bucket.aws.faulty(fault)


@pytest.mark.parametrize("after_load", ["delete", "archive"])
def test_what_is_loaded_goes_once_its_rows_are_there_and_its_time_has_come(bucket: AwsFeed, after_load: str) -> None:
    bucket.sweep_every = "1s"
    bucket.feed = {"after_load": after_load, "after_load_after": "2s", "max_rejects": "90%"}
    if after_load == "archive":
        bucket.feed["archive_to"] = f"s3://{bucket.bucket}/old"
    ready: list[tuple[Any, ...]] = []
    with before_deletions(bucket, lambda uri: ready.extend(bucket.ask(READY, uri=uri))), bucket.streaming():
        bucket.put("a b.csv", table(row(1)))
        bucket.put("bad.csv", table(row(2), "no trade at all"))
        bucket.until(lambda: len(went(bucket)) == 1, "one object went")
        seen = bucket.ended_sweeps()
        bucket.until(lambda: bucket.ended_sweeps() > seen + 1, "the sweeps have seen what is left")
    how, to = ("archived", f"s3://{bucket.bucket}/old/a b.csv") if after_load == "archive" else ("deleted", None)
    assert went(bucket) == {"a b.csv": (how, to)}
    assert ready == [(True,)]
    # What was rejected may be loaded anew under a mended profile: its object is needed still.
    assert keys(bucket) == ["in/bad.csv", *(["old/a b.csv"] if to else [])]
    assert bucket.states() == {"a b.csv": ["loaded"], "bad.csv": ["loaded"]}
    assert (bucket.count(), bucket.sweeps("vanished"), bucket.sweeps("returned")) == (2, 0, 0)


def test_a_newer_version_that_nobody_told_of_is_left_for_the_sweep(bucket: AwsFeed) -> None:
    bucket.queue = bucket.aws.queue()  # the feed listens here, and the bucket tells another
    bucket.feed = {"after_load": "delete", "after_load_after": "1s"}
    replaced = Event()

    def replace(_: str) -> None:
        if not replaced.is_set():
            replaced.set()
            bucket.put("a.csv", table(row(1, price=2)))

    bucket.put("a.csv", table(row(1, price=1)))
    with before_deletions(bucket, replace), bucket.streaming() as job:
        assert replaced.wait(WITHIN)
        bucket.until(
            lambda: not bucket.ask("SELECT FROM tradewind.files WHERE cleared_how IS NOT NULL"), "it is spared"
        )
        assert (keys(bucket), bucket.prices()) == (["in/a.csv"], {"1": "1"})
        job.sweep_now()
        bucket.until(lambda: went(bucket) == {"a.csv": ("deleted", None)}, "the newer version is loaded and went")
    assert (keys(bucket), bucket.prices(), bucket.sweeps("overwritten")) == ([], {"1": "2"}, 1)
    assert bucket.states() == {"a.csv": ["superseded", "loaded"]}
