"""One record of an S3 event notification (its versions 2.x), as SQS, SNS and Lambda get it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from triggers.notifications.port import Deleted, Garbled, Notification, NotOurs
from triggers.notifications.s3_objects import appeared, uri_of

_CAME = ("ObjectCreated",)
_WENT = ("ObjectRemoved", "LifecycleExpiration")


def notice(record: object) -> Notification:
    """What the record says of its object. The key is form-encoded: `+` is a blank, `%2B` a plus."""
    match record:
        case {"eventSource": str(source)} if not source.endswith(":s3"):
            return NotOurs(f"an event of {source[:80]!a}")
        # In a restore's record alone stands this table, whatever the name says.
        case {"eventSource": str(), "glacierEventData": dict()}:
            return NotOurs("a restore from an archive: the object's bytes are not new")
        case {
            "eventSource": str(),
            "eventName": str(name),
            "s3": {"bucket": dict(bucket), "object": dict(thing)},
            **more,
        }:
            # S3 writes some names with its prefix, some without; stand-ins write all with it.
            return _of_kind(name.removeprefix("s3:"), bucket, thing, more.get("eventTime"))
    return Garbled("a record that is not one of S3's")


def _of_kind(name: str, bucket: Mapping[str, Any], thing: Mapping[str, Any], at: object) -> Notification:
    kind = name.partition(":")[0]
    if kind not in _CAME + _WENT:
        return NotOurs(f"{name[:80]!a}: no object came or went")
    uri = uri_of(bucket.get("name"), _decoded(thing.get("key")))
    if uri is None:
        return Garbled("a record without the name of its bucket and object")
    if kind in _WENT:
        return Deleted(uri)
    return appeared(uri, thing.get("eTag"), thing.get("size"), thing.get("sequencer"), at)


def _decoded(key: object) -> str | None:
    try:
        return unquote_plus(key, errors="strict") if isinstance(key, str) else None
    except UnicodeError:
        return None
