"""S3's events as EventBridge sends them: another shape, and raw keys."""

from collections.abc import Mapping
from typing import Any

from triggers.notifications.port import Deleted, Garbled, Notification, NotOurs
from triggers.notifications.s3_objects import appeared, uri_of

CREATED, DELETED = "Object Created", "Object Deleted"  # a delete marker is `Deleted` too


def notice(source: str, kind: str, detail: object, at: object) -> Notification:
    """What an event of this `detail-type` says. The key is raw; its time is cut to seconds."""
    if source != "aws.s3":
        return NotOurs(f"an event of {source[:80]!a}")
    if kind not in (CREATED, DELETED):
        return NotOurs(f"{kind[:80]!a}: no object came or went")
    match detail:
        case {"bucket": {"name": bucket}, "object": dict(thing)} if uri := uri_of(bucket, thing.get("key")):
            return _of_object(kind, uri, thing, at)
    return Garbled("an event without the name of its bucket and object")


def _of_object(kind: str, uri: str, thing: Mapping[str, Any], at: object) -> Notification:
    if kind == DELETED:
        return Deleted(uri)
    return appeared(uri, thing.get("etag"), thing.get("size"), thing.get("sequencer"), at)
