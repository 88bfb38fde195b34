"""From an upload to rows: S3 and SQS by their own protocols, a real Spark and a real PostgreSQL."""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from boto3.s3.transfer import TransferConfig

from tests.acceptance.bucket import WITHIN, Bucket
from tests.acceptance.desk import row, table

if TYPE_CHECKING:
    from tests.clouds.aws_requests import Asked, Environ
    from tests.clouds.moto_server import MotoServer

ROOT = Path(__file__).parents[2]


def test_an_upload_is_told_by_the_queue_and_costs_one_request_to_the_bucket(bucket: Bucket) -> None:
    with bucket.streaming():
        bucket.until(lambda: bucket.ended_sweeps() == 1, "a sweep")
        bucket.aws.forget()
        bucket.put("a b+é%.csv", table(row(1), row(2)))
        bucket.until_rows(2)
        assert bucket.requests() == {"GetObject": 1}
        bucket.put("2.csv", table(row(3)))
        bucket.until_rows(3)
        bucket.aws.forget()
        threading.Event().wait(2.0)  # an idle stream asks the queue, and the bucket for nothing
        assert (bucket.requests(), bucket.aws.count("ReceiveMessage") > 0) == ({}, True)
    assert bucket.states() == {"a b+é%.csv": ["loaded"], "2.csv": ["loaded"]}


def test_by_the_sweep_alone_a_list_and_a_get_are_all_that_is_asked(bucket: Bucket) -> None:
    bucket.discovery, bucket.sweep_every = "sweep", "1s"
    for number in range(20):
        bucket.put(f"{number}.csv", table(row(number)))
    bucket.aws.forget()
    with bucket.streaming():
        bucket.until_rows(20)
    requests = bucket.requests()
    assert requests.pop("ListObjectsV2") >= 1
    assert requests == {"GetObject": 20}


def test_the_store_s_own_time_replaces_that_of_the_event(bucket: Bucket) -> None:
    with bucket.streaming():
        bucket.put("a.csv", table(row(1)))
        bucket.until_rows(1)
    (shown,) = bucket.s3.list_objects_v2(Bucket=bucket.bucket)["Contents"]
    ((modified_at, version),) = bucket.ask("SELECT modified_at, version FROM tradewind.files")
    assert modified_at == shown["LastModified"]
    assert version == f"{shown['ETag'].strip(chr(34))}-{shown['Size']}"


def test_overwritten_after_it_was_loaded_the_new_version_corrects_the_rows(bucket: Bucket) -> None:
    with bucket.streaming():
        bucket.put("a.csv", table(row(1, price=1), row(2, price=1)))
        bucket.until_rows(2)
        bucket.put("a.csv", table(row(1, price=2)))
        bucket.until(lambda: bucket.prices() == {"1": "2", "2": "1"}, "the new price")
    assert bucket.states() == {"a.csv": ["superseded", "loaded"]}


def test_overwritten_before_it_is_read_only_the_new_version_is_loaded(bucket: Bucket) -> None:
    bucket.put("a.csv", table(row(1, price=1)))
    seen = bucket.sightings()
    bucket.put("a.csv", table(row(1, price=2)))
    bucket.take(seen)
    assert bucket.prices() == {"1": "2"}
    assert bucket.states() == {"a.csv": ["vanished", "loaded"]}


def test_overwritten_while_it_is_read_nothing_of_the_old_bytes_counts(bucket: Bucket) -> None:
    replaced = threading.Event()

    def replace(wanted: Asked, _: Any, __: Any) -> None:
        if wanted.operation == "GetObject" and not replaced.is_set():
            replaced.set()
            bucket.put("a.csv", table(row(1, price=2)))

    with bucket.streaming(), bucket.aws.faulty(replace):
        bucket.put("a.csv", table(row(1, price=1), row(2, price=1)))
        bucket.until(lambda: bucket.states().get("a.csv", [])[-1:] == ["loaded"], "the new version is loaded")
    assert bucket.prices() == {"1": "2"}
    assert bucket.states() == {"a.csv": ["vanished", "loaded"]}


def test_an_upload_in_parts_is_one_arrival(bucket: Bucket) -> None:
    content = table(*(row(n) for n in range(150_000)))
    with bucket.streaming():
        parts = TransferConfig(multipart_threshold=5 * 2**20, multipart_chunksize=5 * 2**20)
        bucket.s3.upload_fileobj(io.BytesIO(content), bucket.bucket, "in/parts.csv", Config=parts)
        bucket.until_rows(150_000)
    ((version,),) = bucket.ask("SELECT version FROM tradewind.files")
    assert "-" in version.rpartition("-")[0]  # the etag of an upload in parts tells how many


def test_deleted_before_it_is_read_it_has_vanished_and_nothing_is_tried_for_ever(bucket: Bucket) -> None:
    bucket.put("a.csv", table(row(1)))
    bucket.s3.delete_object(Bucket=bucket.bucket, Key="in/a.csv")
    bucket.put("b.csv", table(row(2)))
    with bucket.streaming():
        bucket.until(lambda: bucket.states() == {"a.csv": ["vanished"], "b.csv": ["loaded"]}, "both are settled")
    assert bucket.owed() == []


def _deliver_badly(bucket: Bucket, told: str, lost: float) -> int:
    """Send what a queue was told to the feed's, twice each and shuffled, but for a share; how many were lost."""
    sqs, bodies = bucket.aws.client("sqs"), list[str]()
    while got := sqs.receive_message(QueueUrl=told, MaxNumberOfMessages=10).get("Messages"):
        bodies += [message["Body"] for message in got]
        sqs.delete_message_batch(
            QueueUrl=told,
            Entries=[{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(got)],
        )
    events = [body for body in bodies if "Records" in json.loads(body)]
    rng = random.Random(7)
    kept = [body for body in events if rng.random() >= lost]
    again = rng.sample(kept + kept, 2 * len(kept))
    for start in range(0, len(again), 10):
        entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(again[start : start + 10])]
        sqs.send_message_batch(QueueUrl=bucket.queue, Entries=entries)
    return len(events) - len(kept)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_the_queue_doubles_shuffles_and_loses_is_loaded_once_each(bucket: Bucket) -> None:
    files, told = 2_000, bucket.queue
    bucket.queue = bucket.aws.queue()  # the feed listens here, and gets what is left of the bucket's own messages
    with bucket.streaming() as job:
        bucket.until(lambda: bucket.aws.count("ListObjectsV2") >= 1, "the sweep at the start")
        for number in range(files):
            bucket.put(f"{number:05}.csv", table(row(number)))
        lost = _deliver_badly(bucket, told, 0.05)
        assert lost > 50
        bucket.until_rows(files - lost)
        assert bucket.sweeps("missed") == 0
        job.sweep_now()
        bucket.until_rows(files)
    assert bucket.ask("SELECT count(*), sum(inserted) FROM tradewind.files WHERE state = 'loaded'") == [(files, files)]
    assert bucket.sweeps("missed") == lost


@contextmanager
def _listening(bucket: Bucket) -> Iterator[subprocess.Popen[bytes]]:
    """`tradewind listen` as a process of its own, killed at the end if it still runs."""
    config = bucket.state / "tradewind.toml"
    config.write_text(
        f'[state]\ndir = "{bucket.state}"\n[s3]\nendpoint = "{bucket.aws.endpoint}"\nregion = "{bucket.aws.region}"\n'
        f'[stream]\nhealth_port = false\n[feeds.x]\nsource = "s3://{bucket.bucket}/in/"\n'
        f'profile = "demo-exchange"\nevents = {{ queue = "{bucket.queue}" }}\n'
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "cli_tool.run", "listen", "--config", str(config)],
        cwd=ROOT, env={**os.environ, "TRADEWIND_DATABASE_URL": bucket.dsn},
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_listener_killed_between_journal_and_acknowledgement_doubles_nothing(bucket: Bucket) -> None:
    bucket.queue = bucket.aws.queue(VisibilityTimeout="1")
    bucket.aws.notify(bucket.bucket, bucket.queue)
    killed = threading.Event()

    def held(wanted: Asked, environ: Environ, start_response: Any) -> list[bytes] | None:
        return [b""] if wanted.operation.startswith("DeleteMessage") and killed.wait(WITHIN) else None

    bucket.put("a.csv", table(row(1)))
    with bucket.aws.faulty(held), _listening(bucket) as listener:
        bucket.until(lambda: bucket.aws.count("DeleteMessageBatch") > 0, "the acknowledgement is under way")
        listener.kill()
        listener.wait()
        killed.set()
    assert len(list((bucket.state / "journal/x/live").glob("[!.]*.json"))) == 1
    with bucket.streaming():
        bucket.until_rows(1)
        bucket.until(lambda: bucket.waiting_messages() == 0, "the message came again, and is acknowledged")
    assert bucket.ask("SELECT state, registrations, inserted FROM tradewind.files") == [("loaded", 1, 1)]


def test_a_message_held_longer_than_its_visibility_is_extended_and_not_given_to_others(bucket: Bucket) -> None:
    bucket.queue = bucket.aws.queue(VisibilityTimeout="6")
    bucket.aws.notify(bucket.bucket, bucket.queue)
    bucket.feed["complete"] = "marker:.done"
    with bucket.streaming():
        bucket.put("a.csv", table(row(1)))
        bucket.until(lambda: bucket.aws.count("ChangeMessageVisibilityBatch") >= 2, "it is extended again and again")
        bucket.put("a.csv.done", b"")
        bucket.until_rows(1)
        bucket.until(lambda: bucket.waiting_messages() == 0, "all is acknowledged")
    assert bucket.ask("SELECT state, registrations FROM tradewind.files WHERE uri LIKE '%%.csv'") == [("loaded", 1)]


def test_a_queue_full_of_foreign_messages_blocks_nothing(bucket: Bucket) -> None:
    sqs = bucket.aws.client("sqs")
    for body in ['{"Event": "s3:TestEvent"}', '{"something": "else"}'] * 100 + ["no JSON at all"]:
        sqs.send_message(QueueUrl=bucket.queue, MessageBody=body)
    bucket.s3.put_object(Bucket=bucket.bucket, Key="elsewhere/a.csv", Body=table(row(9)))
    bucket.put("a.csv", table(row(1)))
    with bucket.streaming():
        bucket.until_rows(1)
        bucket.until(lambda: bucket.ask("SELECT count(*) FROM tradewind.dead_letters") == [(1,)], "a letter")
        bucket.until(lambda: bucket.waiting_messages() == 0, "all is acknowledged")
    ((body,),) = bucket.ask("SELECT body FROM tradewind.dead_letters")
    assert bytes(body) == b"no JSON at all"  # the others can be read, and speak of other things


def _failing(aws: MotoServer, what: str) -> AbstractContextManager[None]:
    match what:
        case "the store":
            return aws.failing(503, "SlowDown", "s3")
        case "the queue":
            return aws.failing(503, "ServiceUnavailable", "sqs")
        case "the credentials":
            return aws.failing(403, "ExpiredToken")
    return aws.down()


@pytest.mark.slow
@pytest.mark.parametrize("what", ["everything", "the store", "the queue", "the credentials"])
def test_what_fails_for_a_while_loses_nothing(bucket: Bucket, what: str) -> None:
    with bucket.streaming():
        bucket.put("1.csv", table(row(1)))
        bucket.until_rows(1)
        bucket.put("2.csv", table(row(2)))
        with _failing(bucket.aws, what):
            threading.Event().wait(10.0)
        bucket.put("3.csv", table(row(3)))
        bucket.until_rows(3)
    assert bucket.states() == {f"{n}.csv": ["loaded"] for n in (1, 2, 3)}
