"""What SQS has beside every queue: names and regions, rights, dead letters, pages of ten."""

import json
import threading
from collections.abc import Iterable, Iterator
from datetime import timedelta

import pytest

from tests.clouds.aws_environment import REGION
from tests.clouds.aws_requests import Asked, Environ
from tests.clouds.moto_server import MotoServer, StartResponse
from tests.clouds.sqs_time import pass_time
from triggers.errors import QueueMissing, QueueUnavailable, QueueUnusable
from triggers.notifications import s3
from triggers.queues import Sqs, queue_for
from triggers.queues.port import Measured, Message, Standing
from triggers.queues.sqs import SqsQueue
from triggers.queues.sqs_client import endpoint_of, region_of
from triggers.stores.access import Access, S3Access

LONG, NONE = timedelta(seconds=10), timedelta()
VISIBILITY = timedelta(seconds=60)


@pytest.fixture
def url(aws: MotoServer) -> str:
    return aws.queue("trades", VisibilityTimeout="60")


@pytest.fixture
def queue(aws: MotoServer, url: str) -> Iterator[SqsQueue]:
    made = SqsQueue(Sqs(url), S3Access(endpoint=aws.endpoint))
    yield made
    made.close()


def send(aws: MotoServer, url: str, count: int) -> set[str]:
    bodies = {f"body {n}" for n in range(count)}
    for body in bodies:
        aws.client("sqs").send_message(QueueUrl=url, MessageBody=body)
    return bodies


def bodies(messages: list[Message]) -> set[str]:
    return {message.body.decode() for message in messages}


@pytest.mark.parametrize(
    ("queue", "region"),
    [
        ("https://sqs.eu-west-1.amazonaws.com/123456789012/trades", "eu-west-1"),
        ("https://sqs-fips.us-gov-west-1.amazonaws.com/123456789012/trades", "us-gov-west-1"),
        ("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/trades", "cn-north-1"),
        ("https://sqs.eu-west-1.api.aws/123456789012/trades", "eu-west-1"),
        ("https://vpce-1-a.sqs.eu-west-1.vpce.amazonaws.com/123456789012/trades", "eu-west-1"),
        ("https://eu-west-1.queue.amazonaws.com/123456789012/trades", "eu-west-1"),
        ("https://queue.amazonaws.com/123456789012/trades", "us-east-1"),
        ("http://127.0.0.1:4566/000000000000/trades", None),
        ("http://localhost:4566/000000000000/trades", None),
        ("trades", None),
    ],
)
def test_the_region_is_that_in_the_url(queue: str, region: str | None) -> None:
    assert region_of(queue) == region


AWS_URL, LOCAL_URL = "https://sqs.eu-west-1.amazonaws.com/1/trades", "http://127.0.0.1:1/1/trades"


@pytest.mark.parametrize(
    ("queue", "s3", "asked"),
    [
        (AWS_URL, None, "https://sqs.eu-west-1.amazonaws.com"),
        (AWS_URL, "http://127.0.0.1:2", "http://127.0.0.1:2"),
        (AWS_URL, "https://bucket.vpce-1.s3.eu-west-1.vpce.amazonaws.com", "https://sqs.eu-west-1.amazonaws.com"),
        (LOCAL_URL, None, "http://127.0.0.1:1"),
        (LOCAL_URL, "http://127.0.0.1:2", "http://127.0.0.1:1"),
        ("trades", "http://127.0.0.1:2", "http://127.0.0.1:2"),
        ("trades", None, None),
    ],
)
def test_a_stand_in_for_aws_is_asked_for_its_queues_and_a_door_to_s3_is_not(
    queue: str, s3: str | None, asked: str | None
) -> None:
    assert endpoint_of(queue, S3Access(endpoint=s3)) == asked


@pytest.mark.parametrize("place", ["url", "name", "url of AWS"])
def test_a_queue_is_found_by_its_url_and_by_its_name(aws: MotoServer, url: str, place: str) -> None:
    of_aws = f"https://sqs.{REGION}.amazonaws.com/{aws.account}/trades"
    queue = SqsQueue(Sqs({"url": url, "name": "trades", "url of AWS": of_aws}[place]), S3Access(endpoint=aws.endpoint))
    expected = send(aws, url, 1)
    assert bodies(queue.receive(NONE)) == expected
    queue.close()


def test_nothing_is_asked_before_the_first_call(aws: MotoServer, url: str) -> None:
    aws.forget()
    SqsQueue(Sqs(url), S3Access(endpoint=aws.endpoint)).close()
    assert aws.requests == []


def test_a_quiet_queue_costs_one_request_for_each_wait(aws: MotoServer, queue: SqsQueue) -> None:
    queue.receive(NONE)
    aws.forget()
    queue.receive(timedelta(milliseconds=10))
    assert aws.counts() == {"ReceiveMessage": 1}


def test_a_message_ends_the_wait(aws: MotoServer, url: str, queue: SqsQueue) -> None:
    polled = threading.Event()

    def see(wanted: Asked, environ: Environ, start_response: StartResponse) -> Iterable[bytes] | None:
        if wanted.operation == "ReceiveMessage":
            polled.set()
        return None

    def later() -> None:
        assert polled.wait(30)
        send(aws, url, 1)

    sender = threading.Thread(target=later)
    with aws.faulty(see):
        sender.start()
        assert bodies(queue.receive(timedelta(seconds=20))) == {"body 0"}
    sender.join()


def test_full_pages_are_put_together_and_batches_have_ten(aws: MotoServer, url: str, queue: SqsQueue) -> None:
    expected = send(aws, url, 25)
    queue.receive(NONE, limit=1)
    pass_time(url, VISIBILITY * 2)
    aws.forget()
    got = queue.receive(LONG)
    assert bodies(got) == expected
    assert queue.extend(got, VISIBILITY) == got
    assert queue.acknowledge(got) == []
    assert aws.counts("sqs") == {
        "ReceiveMessage": 3,
        "ChangeMessageVisibilityBatch": 3,
        "DeleteMessageBatch": 3,
    }


def test_what_was_received_before_a_fault_is_kept_and_the_fault_is_met_next(
    aws: MotoServer, url: str, queue: SqsQueue
) -> None:
    send(aws, url, 15)
    calls = iter(range(100))

    def fail(wanted: Asked, environ: Environ, start_response: StartResponse) -> Iterable[bytes] | None:
        if wanted.operation != "ReceiveMessage" or next(calls) == 0:
            return None
        start_response("403 Forbidden", [("Content-Type", "application/x-amz-json-1.0")])
        return [b'{"__type": "AccessDenied", "message": ""}']

    with aws.faulty(fail):
        assert len(queue.receive(NONE)) == 10
        with pytest.raises(QueueUnavailable):
            queue.receive(NONE)
    assert len(queue.receive(NONE)) == 5


def test_one_that_the_queue_does_not_take_as_done_comes_back_alone(aws: MotoServer, url: str, queue: SqsQueue) -> None:
    send(aws, url, 2)
    first, second = queue.receive(NONE)
    foreign = Message("x", b"", "no receipt")
    assert queue.acknowledge([first, foreign, second]) == [foreign]


def test_how_often_a_message_was_delivered_is_told(aws: MotoServer, url: str, queue: SqsQueue) -> None:
    send(aws, url, 1)
    for count in (1, 2, 3):
        (message,) = queue.receive(LONG)
        assert message.deliveries == count
        queue.release([message])


def test_after_too_many_deliveries_a_message_goes_to_the_dead_letters_as_the_queue_says(aws: MotoServer) -> None:
    dead = aws.queue()
    policy = {"deadLetterTargetArn": aws.arn(dead), "maxReceiveCount": 2}
    url = aws.queue(RedrivePolicy=json.dumps(policy))
    queue = SqsQueue(Sqs(url), S3Access(endpoint=aws.endpoint))
    send(aws, url, 1)
    assert queue.standing() == Standing(1, 0, 0, gives_up_after=2, dead_letters=aws.arn(dead))
    for _ in range(2):
        queue.release(queue.receive(LONG))
    assert queue.receive(NONE) == []
    assert bodies(SqsQueue(Sqs(dead), S3Access(endpoint=aws.endpoint)).receive(NONE)) == {"body 0"}
    queue.close()


def test_the_backlog_is_told(aws: MotoServer, url: str, queue: SqsQueue) -> None:
    assert isinstance(queue, Measured)
    send(aws, url, 3)
    aws.client("sqs").send_message(QueueUrl=url, MessageBody="later", DelaySeconds=60)
    queue.receive(NONE, limit=1)
    assert queue.standing() == Standing(waiting=2, held=1, delayed=1)


def test_a_visibility_that_somebody_changes_is_taken_over_with_the_next_look(
    aws: MotoServer, url: str, queue: SqsQueue
) -> None:
    assert queue.visibility == VISIBILITY
    aws.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "0"})
    queue.standing()
    assert queue.visibility == timedelta(seconds=1)


def test_what_a_closed_receiver_held_comes_to_another(aws: MotoServer, url: str, queue: SqsQueue) -> None:
    expected = send(aws, url, 1)
    queue.receive(NONE)
    queue.close()
    other = SqsQueue(Sqs(url), S3Access(endpoint=aws.endpoint))
    assert other.receive(NONE) == []
    pass_time(url, VISIBILITY * 2)
    assert bodies(other.receive(LONG)) == expected
    other.close()


@pytest.mark.parametrize("place", ["no-such-queue", "{endpoint}/123456789012/no-such-queue"])
def test_a_queue_that_does_not_exist_is_told_with_where_it_was_looked_for(aws: MotoServer, place: str) -> None:
    queue = SqsQueue(Sqs(place.format(endpoint=aws.endpoint)), S3Access(endpoint=aws.endpoint))
    with pytest.raises(QueueMissing, match=f"no-such-queue: there is no such queue in {REGION} .*create it"):
        queue.receive(NONE)
    queue.close()


@pytest.mark.parametrize(
    "right",
    ["GetQueueUrl", "GetQueueAttributes", "ReceiveMessage", "ChangeMessageVisibility", "DeleteMessage"],
)
def test_a_right_that_lacks_is_named_and_once_given_all_goes_on(aws: MotoServer, url: str, right: str) -> None:
    queue = SqsQueue(Sqs("trades"), S3Access(endpoint=aws.endpoint))
    send(aws, url, 1)

    def work() -> list[Message]:
        got = queue.receive(NONE)
        return queue.acknowledge(queue.extend(got, VISIBILITY))

    batch = "Batch" if right in ("ChangeMessageVisibility", "DeleteMessage") else ""
    with (
        aws.failing(403, "AccessDenied", f"{right}{batch}"),
        pytest.raises(QueueUnavailable, match=f"need the right sqs:{right} on this queue"),
    ):
        work()
    pass_time(url, VISIBILITY * 2)
    assert work() == []
    assert queue.standing().waiting == 0
    queue.close()


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch"])
def test_credentials_that_stop_working_are_tried_again_and_told(
    aws: MotoServer, url: str, queue: SqsQueue, code: str
) -> None:
    expected = send(aws, url, 1)
    with aws.failing(403, code), pytest.raises(QueueUnavailable, match=f"{code}: check AWS's credentials"):
        queue.receive(NONE)
    assert bodies(queue.receive(LONG)) == expected


def test_an_encrypted_queue_names_the_right_on_its_key(aws: MotoServer, queue: SqsQueue) -> None:
    with (
        aws.failing(400, "KMS.AccessDeniedException", "ReceiveMessage"),
        pytest.raises(QueueUnavailable, match="kms:Decrypt"),
    ):
        queue.receive(NONE)


def test_credentials_that_were_replaced_are_looked_for_anew(
    aws: MotoServer, queue: SqsQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.receive(NONE)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "replaced")
    with aws.failing(403, "InvalidClientTokenId", times=1), pytest.raises(QueueUnavailable):
        queue.receive(NONE)
    aws.forget()
    queue.receive(NONE)
    assert "Credential=replaced/" in aws.requests[0].headers["authorization"]


def test_without_credentials_what_to_check_is_told_and_those_that_come_are_taken(
    aws: MotoServer, url: str, queue: SqsQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = send(aws, url, 1)
    with monkeypatch.context() as without:
        without.delenv("AWS_ACCESS_KEY_ID")
        without.delenv("AWS_SECRET_ACCESS_KEY")
        with pytest.raises(QueueUnavailable, match="Unable to locate credentials: check AWS's"):
            queue.receive(NONE)
    assert bodies(queue.receive(NONE)) == expected


def test_a_service_that_is_down_is_tried_again_and_comes_back(aws: MotoServer, url: str, queue: SqsQueue) -> None:
    expected = send(aws, url, 1)
    with aws.down(), pytest.raises(QueueUnavailable, match="it is tried again"):
        queue.receive(NONE)
    assert bodies(queue.receive(LONG)) == expected


def test_an_overloaded_service_is_tried_again(aws: MotoServer, queue: SqsQueue) -> None:
    with aws.failing(503, "ServiceUnavailable", "ReceiveMessage"), pytest.raises(QueueUnavailable):
        queue.receive(NONE)


def test_a_profile_that_nobody_wrote_is_refused(aws: MotoServer, url: str) -> None:
    queue = SqsQueue(Sqs(url), S3Access(endpoint=aws.endpoint, profile="nobody"))
    with pytest.raises(QueueUnusable, match="nobody"):
        queue.receive(NONE)


def test_a_name_without_any_region_is_refused(aws: MotoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(QueueUnusable, match="region"):
        SqsQueue(Sqs("trades")).receive(NONE)


def test_the_place_that_the_settings_name_becomes_a_queue_and_its_parser(aws: MotoServer, url: str) -> None:
    queue, parse = queue_for(Sqs(url), Access(S3Access(endpoint=aws.endpoint)))
    expected = send(aws, url, 1)
    assert bodies(queue.receive(NONE)) == expected
    assert parse is s3.parse
    queue.close()
