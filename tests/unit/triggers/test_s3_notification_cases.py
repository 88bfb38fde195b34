"""What real messages of AWS say, file by file of the folder of real cases; without the folder these skip."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from triggers.notifications.port import Appeared, Deleted, Garbled, Notification, NotOurs
from triggers.notifications.s3 import parse

EPOCH = datetime(1970, 1, 1, 0, 0, 0, 123000, tzinfo=UTC)
NO_HEX = None  # "Happy Sequencer" orders nothing
FOREIGN, TEXT = NotOurs("no event of S3"), Garbled("not JSON")
RESTORED = NotOurs("a restore from an archive: the object's bytes are not new")


def padded(sequencer: str) -> str:
    return sequencer.rjust(32, "0")


def from_lambda_go(key: str) -> list[Notification]:
    etag = "d41d8cd98f00b204e9800998ecf8427e"
    return [Appeared(f"s3://sourcebucket/{key}", NO_HEX, f"{etag}-1024", 1024, EPOCH)]


CASES: dict[str, list[Notification]] = {
    "aws-lambda-go-s3-event": from_lambda_go("Happy Face.jpg"),
    "aws-lambda-go-s3-event-with-decoded": from_lambda_go("Happy Face.jpg"),
    "aws-lambda-go-s3-lifecycle-event": [NotOurs("'LifecycleTransition': no object came or went")],
    "aws-lambda-go-s3-replication-event": [NotOurs("'Replication:OperationFailedReplication': no object came or went")],
    "aws-powertools-s3Event": [
        Appeared(
            "s3://lambda-artifacts-deafc19498e3f2df/b21b84d653bb07b05b1e6b33684dc11b",
            padded("0C0F6F405D6ED209E1"),
            "b21b84d653bb07b05b1e6b33684dc11b-1305107",
            1305107,
            datetime(2019, 9, 3, 19, 37, 27, 192000, tzinfo=UTC),
        )
    ],
    "aws-powertools-s3EventBridgeNotificationObjectCreatedEvent": [
        Appeared(
            "s3://example-bucket/IMG_m7fzo3.jpg",
            padded("006408CAD69598B05E"),
            "4e68adba0abe2dc8653dc3354e14c01d-184662",
            184662,
            datetime(2023, 3, 8, 17, 50, 14, tzinfo=UTC),
        )
    ],
    "aws-powertools-s3EventBridgeNotificationObjectDeletedEvent": [Deleted("s3://example-bucket/IMG_m7fzo3.jpg")],
    "aws-powertools-s3EventBridgeNotificationObjectExpiredEvent": [Deleted("s3://example-bucket/IMG_m7fzo3.jpg")],
    "aws-powertools-s3EventBridgeNotificationObjectRestoreCompletedEvent": [
        NotOurs("'Object Restore Completed': no object came or went")
    ],
    "aws-powertools-s3EventDecodedKey": from_lambda_go("Happy Face.jpg"),
    "aws-powertools-s3EventDeleteObject": [
        Deleted("s3://lambda-artifacts-deafc19498e3f2df/b21b84d653bb07b05b1e6b33684dc11b")
    ],
    "aws-powertools-s3EventGlacier": [RESTORED],
    # Those below are what Lambda got from a queue or a topic: the bodies in them are what a queue holds.
    "aws-powertools-s3SqsEvent": [
        Appeared(
            "s3://xxx/test.pdf",
            padded("00643717F9F8B85354"),
            "2e3ad1e983318bbd8e73b080e2997980-104681",
            104681,
            datetime(2023, 4, 12, 20, 43, 38, 21000, tzinfo=UTC),
        )
    ],
    "aws-powertools-snsEvent": [TEXT],
    "aws-powertools-snsSqsEvent": [FOREIGN],
    "aws-powertools-snsSqsFifoEvent": [FOREIGN],
    "aws-powertools-sqsDlqTriggerEvent": [TEXT],
    "aws-powertools-sqsEvent": [TEXT, FOREIGN],
    "derived-aws-s3-key-equals_hive": from_lambda_go("trades/dt=2024-01-02/sym=BTC+USDT/part 0001.csv"),
    "derived-aws-s3-key-percent": from_lambda_go("trades/100%25_fill+rate.csv"),
    "derived-aws-s3-key-plus_paren": from_lambda_go("photos/red flower+(1).jpg"),
    "derived-aws-s3-key-space": from_lambda_go("trades/2024/red flower.csv"),
    "derived-aws-s3-key-unicode": from_lambda_go("trades/日本/約定 2024-01-02.csv"),
    "derived-aws-sns-envelope-s3TestEvent": [NotOurs("the test event that S3 sends when notifications are set up")],
}


def bodies(text: bytes) -> list[bytes]:
    """What a queue would hold: the bodies in what a Lambda was given by a queue, else the text itself."""
    records = json.loads(text).get("Records", [{}])
    return [record["body"].encode() for record in records if "body" in record] or [text]


@pytest.mark.parametrize("name", CASES)
def test_a_real_message_says_exactly_this(cases: Path, name: str) -> None:
    text = (cases / "notifications" / f"{name}.json").read_bytes()
    assert [one for body in bodies(text) for one in parse(body)] == CASES[name]
    assert parse(text) == CASES[name]


def test_no_message_of_aws_in_the_folder_is_left_out(cases: Path) -> None:
    assert {path.stem for path in (cases / "notifications").glob("*aws-*.json")} == set(CASES)


@pytest.mark.parametrize("cloud", ["azure", "gcs"])
def test_messages_of_the_other_clouds_are_not_ours(cases: Path, cloud: str) -> None:
    for path in (cases / "notifications").glob(f"{cloud}-*.json"):
        assert parse(path.read_bytes()) == [FOREIGN], path.name
