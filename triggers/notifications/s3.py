"""Messages of S3, in every wrapping that a queue can hold: straight, by SNS, by EventBridge, or handed on by Lambda."""

import json

from triggers.notifications import eventbridge, s3_records
from triggers.notifications.port import Garbled, Notification, NotOurs

WRAPPINGS = 4  # S3 in SNS in SQS in the failure queue of a Lambda are three


def parse(body: bytes) -> list[Notification]:
    """What a message of an SQS queue says, one notification a record.

    Keys are form-encoded in S3's own records, raw in EventBridge's events. Plain text and records without bucket
    or key are Garbled; events about anything but objects that come or go are NotOurs.
    """
    return _read(body, WRAPPINGS)


def _read(text: bytes | str, wrappings: int) -> list[Notification]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return [Garbled("not JSON")]
    return _told(document, wrappings)


def _told(document: object, wrappings: int) -> list[Notification]:
    match document:
        case {"Records": list(records)}:
            told = [one for record in records for one in _record(record, wrappings)]
            return told or [NotOurs("a list of no records")]
        case {"Event": "s3:TestEvent"}:
            return [NotOurs("the test event that S3 sends when notifications are set up")]
        case {"Type": "Notification", "Message": str(inner)}:
            return _unwrapped(inner, wrappings)
        case {"Type": str(kind), "TopicArn": str()}:
            return [NotOurs(f"a message of SNS about itself: {kind[:80]!a}")]
        case {"source": str(source), "detail-type": str(kind), **more}:
            return [eventbridge.notice(source, kind, more.get("detail"), more.get("time"))]
    return [NotOurs("no event of S3")]


def _record(record: object, wrappings: int) -> list[Notification]:
    match record:
        case {"eventSource": "aws:sqs", "body": str(inner)}:
            return _unwrapped(inner, wrappings)
        case {"EventSource": "aws:sns", "Sns": {"Message": str(inner)}}:
            return _unwrapped(inner, wrappings)
    return [s3_records.notice(record)]


def _unwrapped(inner: str, wrappings: int) -> list[Notification]:
    return _read(inner, wrappings - 1) if wrappings else [Garbled("wrapped too many times")]
