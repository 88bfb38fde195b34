"""S3's events as AWS sends them, in place of moto's own, which lack `versionId` and `sequencer`, write `/` as `%2F`,
come twice for one multipart upload and not at all for a delete marker.

Shapes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html and ev-events.html.
"""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

from moto.events.models import events_backends
from moto.s3 import notifications
from moto.s3.models import FakeBucket, S3Backend

Kind = notifications.S3NotificationEvent

CREATED = {
    Kind.OBJECT_CREATED_PUT_EVENT: "PutObject",
    Kind.OBJECT_CREATED_POST_EVENT: "POST Object",
    Kind.OBJECT_CREATED_COPY_EVENT: "CopyObject",
    Kind.OBJECT_CREATED_COMPLETE_MULTIPART_UPLOAD_EVENT: "CompleteMultipartUpload",
}
REMOVED = {
    Kind.OBJECT_REMOVED_DELETE_EVENT: "Permanently Deleted",
    Kind.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT: "Delete Marker Created",
}

# Sequencers are of unequal length in life, and compared after padding on the left: so are these, soon.
_numbers = itertools.count(0xFFFFFFFFFFFFF0)
_inside = threading.local()


@contextmanager
def mended() -> Iterator[None]:
    """moto's backends send these events while it lasts."""
    with ExitStack() as undo:
        replace(undo, notifications, "send_event", _send)
        replace(undo, S3Backend, "complete_multipart_upload", _as_one_event(S3Backend.complete_multipart_upload))
        replace(undo, S3Backend, "delete_object", _telling(S3Backend.delete_object))
        yield


def replace(undo: ExitStack, owner: Any, name: str, new: Any) -> None:
    """Put something of ours in moto's place until `undo` is closed."""
    undo.callback(setattr, owner, name, getattr(owner, name))
    setattr(owner, name, new)


def _as_one_event(complete: Callable[..., Any]) -> Callable[..., Any]:
    def completed(self: S3Backend, *args: Any, **named: Any) -> Any:
        with _only({Kind.OBJECT_CREATED_COMPLETE_MULTIPART_UPLOAD_EVENT}):
            return complete(self, *args, **named)

    return completed


def _telling(delete: Callable[..., Any]) -> Callable[..., Any]:
    def deleted(
        self: S3Backend, bucket_name: str, key_name: str, version_id: str | None = None, bypass: bool = False
    ) -> Any:
        with _only(set()):
            done, told = delete(self, bucket_name, key_name, version_id, bypass)
        if done:
            marks = version_id is None and "delete-marker" in told
            kind = Kind.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT if marks else Kind.OBJECT_REMOVED_DELETE_EVENT
            bucket = self.get_bucket(bucket_name)
            _deliver(self.account_id, kind, bucket, key_name, _removed(kind, told.get("version-id")))
        return done, told

    return deleted


@contextmanager
def _only(kinds: set[Kind]) -> Iterator[None]:
    _inside.kinds = kinds
    try:
        yield
    finally:
        del _inside.kinds


def _send(account_id: str, event_name: Kind, bucket: FakeBucket, key: Any) -> None:
    # Tags and rights are told apart from the objects, and moto tells them of every object that is made.
    if event_name in CREATED and event_name in getattr(_inside, "kinds", CREATED):
        about = {"size": key.size, "eTag": key.etag.replace('"', "")}
        if bucket.is_versioned:
            about["versionId"] = key.version_id
        _deliver(account_id, event_name, bucket, key.name, about)


def _removed(kind: Kind, version_id: str | None) -> dict[str, Any]:
    about = {} if version_id is None else {"versionId": version_id}
    if kind is Kind.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT:
        about["eTag"] = "d41d8cd98f00b204e9800998ecf8427e"  # of no bytes, as AWS tells of a marker
    return about


def _deliver(account: str, kind: Kind, bucket: FakeBucket, key: str, about: dict[str, Any]) -> None:
    wanted = bucket.notification_configuration
    if wanted is None:
        return
    about = {**about, "sequencer": f"{next(_numbers):X}"}
    for to in (*wanted.queue, *wanted.topic):
        if to.matches(kind, key):
            _hand_over(account, to.arn, _body(kind, bucket, key, to.id, about))
    if wanted.event_bridge is not None:
        for bus in events_backends[account][bucket.region_name].event_buses.values():
            for rule in bus.rules.values():
                rule.send_to_targets(_bridged(account, kind, bucket, key, about), transform_input=False)


def _hand_over(account: str, arn: str, body: dict[str, Any]) -> None:
    _, _, _, service, region, _, name = ["", *arn.split(":", 5)]
    if service == "sqs":
        notifications._send_sqs_message(account, body, name, region)
    else:
        notifications._send_sns_message(account, body, arn, region)


def _body(kind: Kind, bucket: FakeBucket, key: str, rule: str, about: dict[str, Any]) -> dict[str, Any]:
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": bucket.region_name,
        "eventTime": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "eventName": kind.value.removeprefix("s3:"),
        "userIdentity": {"principalId": "AWS:TESTS"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": "0000000000000000", "x-amz-id-2": "0000"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": rule,
            "bucket": {"name": bucket.name, "ownerIdentity": {"principalId": "TESTS"}, "arn": bucket.arn},
            "object": {"key": quote_plus(key, safe="/*"), **about},
        },
    }
    return {"Records": [record]}


def _bridged(account: str, kind: Kind, bucket: FakeBucket, key: str, about: dict[str, Any]) -> Any:
    spelled = {"eTag": "etag", "versionId": "version-id"}
    detail: dict[str, Any] = {
        "version": "0",
        "bucket": {"name": bucket.name},
        "object": {"key": key, **{spelled.get(name, name): value for name, value in about.items()}},
        "request-id": "0000000000000000",
        "requester": account,
        "source-ip-address": "127.0.0.1",
        "reason": CREATED.get(kind, "DeleteObject"),
    }
    if kind in REMOVED:
        detail["deletion-type"] = REMOVED[kind]
    return {
        "version": "0",
        "id": f"00000000-0000-0000-0000-{next(_numbers) % 16**12:012x}",
        "detail-type": "Object Created" if kind in CREATED else "Object Deleted",
        "source": "aws.s3",
        "account": account,
        "time": datetime.now(UTC).timestamp(),  # moto writes it out
        "region": bucket.region_name,
        "resources": [bucket.arn],
        "detail": detail,
    }
