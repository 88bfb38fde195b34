"""The calls to SQS that a queue needs, in its pages of ten, each with the right that it takes."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from triggers.queues.port import Message, Standing
from triggers.queues.sqs_client import client_of
from triggers.queues.sqs_errors import translated
from triggers.stores.access import S3Access

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

PAGE = 10  # SQS's own limit, for receiving as for batches


@dataclass(frozen=True, slots=True)
class Attributes:
    """Those of a queue that matter here."""

    visibility: timedelta
    standing: Standing


class SqsWire:
    """One queue, by url or name. Every call raises what `translated` raises."""

    def __init__(self, queue: str, access: S3Access) -> None:
        self._queue, self._access = queue, access

    def attributes(self) -> Attributes:
        """Needs sqs:GetQueueAttributes."""
        url = self._url
        with self._asking("sqs:GetQueueAttributes"):
            return _attributes(self._client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"])

    def receive(self, count: int, seconds: int, visibility: int) -> list[Message]:
        """A page, after waiting for at most so many seconds. Needs sqs:ReceiveMessage."""
        url = self._url
        with self._asking("sqs:ReceiveMessage"):
            answer = self._client.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=min(count, PAGE),
                WaitTimeSeconds=seconds,
                VisibilityTimeout=visibility,
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
            )
        return [_message(each) for each in answer.get("Messages", [])]

    def delete(self, messages: Iterable[Message]) -> list[Message]:
        """Those that the queue took as done. Needs sqs:DeleteMessage."""
        url = self._url
        with self._asking("sqs:DeleteMessage"):
            return _in_pages(messages, lambda page: self._client.delete_message_batch(QueueUrl=url, Entries=page))

    def hide(self, messages: Iterable[Message], seconds: int) -> list[Message]:
        """Those that stay hidden for so long from now; 0 shows them. Needs sqs:ChangeMessageVisibility."""
        url, more = self._url, {"VisibilityTimeout": seconds}
        with self._asking("sqs:ChangeMessageVisibility"):
            change: Any = self._client.change_message_visibility_batch
            return _in_pages(messages, lambda page: change(QueueUrl=url, Entries=[{**one, **more} for one in page]))

    def close(self) -> None:
        """Let go of the connections; a later call makes new ones."""
        if client := self.__dict__.pop("_client", None):
            client.close()

    @cached_property
    def _client(self) -> "SQSClient":
        with translated(self._queue, "sqs:GetQueueUrl", "AWS", self.close):
            return client_of(self._queue, self._access)

    @cached_property
    def _url(self) -> str:
        if "://" in self._queue:
            return self._queue
        with self._asking("sqs:GetQueueUrl"):
            return self._client.get_queue_url(QueueName=self._queue)["QueueUrl"]

    def _asking(self, right: str) -> AbstractContextManager[None]:
        meta = self._client.meta
        return translated(self._queue, right, f"{meta.region_name} ({meta.endpoint_url})", self.close)


def _attributes(told: Mapping[Any, str]) -> Attributes:
    redrive = json.loads(told.get("RedrivePolicy", "{}"))
    standing = Standing(
        waiting=int(told["ApproximateNumberOfMessages"]),
        held=int(told["ApproximateNumberOfMessagesNotVisible"]),
        delayed=int(told["ApproximateNumberOfMessagesDelayed"]),
        gives_up_after=int(redrive["maxReceiveCount"]) if redrive else None,
        dead_letters=redrive.get("deadLetterTargetArn"),
    )
    return Attributes(timedelta(seconds=int(told["VisibilityTimeout"])), standing)


def _message(told: Any) -> Message:
    body = told["Body"].encode("utf-8", "surrogatepass")
    return Message(told["MessageId"], body, told["ReceiptHandle"], int(told["Attributes"]["ApproximateReceiveCount"]))


def _in_pages(messages: Iterable[Message], ask: Callable[[list[Any]], Any]) -> list[Message]:
    done: list[Message] = []
    for page in _pages(messages):
        entries = [{"Id": str(n), "ReceiptHandle": message.receipt} for n, message in enumerate(page)]
        done += [page[int(one["Id"])] for one in ask(entries).get("Successful", [])]
    return done


def _pages(messages: Iterable[Message]) -> Iterator[Sequence[Message]]:
    left = iter(messages)
    while page := list(islice(left, PAGE)):
        yield page
