"""S3 telling SQS."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, ClassVar

from boto3.s3.transfer import TransferConfig

from tests.acceptance.cloud_feed import CloudFeed, Names, batches

if TYPE_CHECKING:
    from tests.clouds.aws_requests import Asked, Environ
    from tests.clouds.moto_server import MotoServer

PART = 5 * 2**20


class AwsFeed(CloudFeed):
    """A bucket of S3 and a queue of SQS."""

    names: ClassVar[Names] = Names(
        "GetObject", "ListObjectsV2", "ReceiveMessage", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"
    )

    foreign: ClassVar[tuple[str, ...]] = (*CloudFeed.foreign, '{"Event": "s3:TestEvent"}')

    def __init__(self, folder: Path, dsn: str, session: Any, aws: MotoServer) -> None:
        super().__init__(folder, dsn, session)
        self.aws, self.s3, self.sqs = aws, aws.client("s3"), aws.client("sqs")
        self.bucket = aws.bucket()
        self.hold_for(30)

    @property
    def source(self) -> str:
        return f"s3://{self.bucket}/in/"

    @property
    def events(self) -> dict[str, str]:
        return {"queue": self.queue}

    @property
    def tables(self) -> dict[str, dict[str, str]]:
        return {"s3": {"endpoint": self.aws.endpoint, "region": self.aws.region}}

    def put(self, name: str, content: bytes, folder: str = "in/") -> None:
        self.s3.put_object(Bucket=self.bucket, Key=f"{folder}{name}", Body=content)

    def put_all(self, files: dict[str, bytes]) -> None:
        for name, content in files.items():
            self.aws.fill(self.bucket, [f"in/{name}"], content)

    def put_in_parts(self, name: str, content: bytes) -> None:
        assert len(content) > PART
        parts = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART)
        self.s3.upload_fileobj(io.BytesIO(content), self.bucket, f"in/{name}", Config=parts)

    def delete(self, name: str) -> None:
        self.s3.delete_object(Bucket=self.bucket, Key=f"in/{name}")

    def asked_of_bucket(self) -> dict[str, int]:
        counted = dict(self.aws.counts("s3"))
        counted.pop("PutObject", None)
        return counted

    def asked_of_queue(self, operation: str) -> int:
        return self.aws.count(operation)

    def forget(self) -> None:
        self.aws.forget()

    def waiting_messages(self) -> int:
        got = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["All"])["Attributes"]
        return int(got["ApproximateNumberOfMessages"]) + int(got["ApproximateNumberOfMessagesNotVisible"])

    def send(self, *bodies: str) -> None:
        for some in batches(bodies):
            entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(some)]
            self.sqs.send_message_batch(QueueUrl=self.queue, Entries=entries)

    def divert(self) -> Callable[[], list[str]]:
        aside = self.aws.queue()
        self.aws.notify(self.bucket, aside)
        return lambda: list(self._taken(aside))

    def hold_for(self, seconds: int) -> None:
        self.queue = self.aws.queue(VisibilityTimeout=str(seconds))
        self.aws.notify(self.bucket, self.queue)

    def let_holds_end(self) -> None:
        """They end by themselves, after what `hold_for` was told."""

    @contextmanager
    def stuck(self, operation: str, until: Event) -> Iterator[None]:
        def held(wanted: Asked, environ: Environ, start_response: Any) -> list[bytes] | None:
            return [b""] if wanted.operation == operation and until.wait(60) else None

        with self.aws.faulty(held):
            yield

    @contextmanager
    def before_reads(self, act: Callable[[], None]) -> Iterator[None]:
        def first(wanted: Asked, environ: Environ, start_response: Any) -> None:
            if wanted.operation == "GetObject":
                act()

        with self.aws.faulty(first):
            yield

    def down(self) -> AbstractContextManager[None]:
        return self.aws.down()

    def store_away(self) -> AbstractContextManager[None]:
        return self.aws.failing(503, "SlowDown", "s3")

    def queue_away(self) -> AbstractContextManager[None]:
        return self.aws.failing(503, "ServiceUnavailable", "sqs")

    def refused(self) -> AbstractContextManager[None]:
        return self.aws.failing(403, "ExpiredToken")

    def _taken(self, queue: str) -> Iterator[str]:
        while got := self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            receipts = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(got)]
            self.sqs.delete_message_batch(QueueUrl=queue, Entries=receipts)
            yield from (message["Body"] for message in got if "Records" in message["Body"])  # not the TestEvent
