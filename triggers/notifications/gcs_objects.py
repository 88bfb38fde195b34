"""What Cloud Storage tells of one object, the same in every wrapping; what cannot be true counts as not told."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from triggers.arrival import utc_of
from triggers.notifications.port import Appeared, Deleted, Garbled, Notification, NotOurs

LARGEST = 2**63 - 1

_NUMBER = re.compile(r"[0-9]{1,19}")
# Neither can stand in a journal line or in PostgreSQL's text.
_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")


def told_of(
    kind: str, names: Mapping[Any, Any], thing: Mapping[Any, Any], attributes: Mapping[Any, Any]
) -> Notification:
    """What an event of this `eventType` says of its object.

    `names` has bucketId, objectId and objectGeneration; `thing` is the object's resource, or nothing. An overwrite is
    a pair: FINALIZE of the new generation with `overwroteGeneration`, DELETE or ARCHIVE of the old one with
    `overwrittenByGeneration`, which is no deletion.
    """
    uri = _uri(names.get("bucketId"), names.get("objectId"))
    if uri is None:
        return Garbled("an event without the names of its bucket and object")
    match kind:
        case "OBJECT_FINALIZE":
            return _appeared(uri, names.get("objectGeneration"), thing, attributes.get("eventTime"))
        case "OBJECT_DELETE" | "OBJECT_ARCHIVE" if "overwrittenByGeneration" in attributes:
            return NotOurs("the old half of an overwrite: the new generation is told of by itself")
        case "OBJECT_DELETE" | "OBJECT_ARCHIVE":
            return Deleted(uri)
    return NotOurs(f"{kind[:80]!a}: no object came or went")


def _appeared(uri: str, generation: object, thing: Mapping[Any, Any], at: object) -> Notification:
    size = _number(thing.get("size"))
    if uri.endswith("/") and not size:
        return NotOurs("a folder's marker, which has no bytes")
    version = _number(generation if generation is not None else thing.get("generation"))
    made = _moment(thing.get("timeCreated"))
    # As a listing shows it: in whole seconds, which is what the answer to a GET tells too.
    at_last = made.replace(microsecond=0) if made else _moment(at)
    return Appeared(uri, None, None if version is None else str(version), size, at_last)


def _uri(bucket: object, name: object) -> str | None:
    if not (isinstance(bucket, str) and isinstance(name, str) and bucket and name):
        return None
    uri = f"gs://{bucket}/{name}"
    return None if _UNKEEPABLE.search(uri) else uri


def _number(told: object) -> int | None:
    """Numbers come as text, and as numbers by some hands."""
    if isinstance(told, str) and _NUMBER.fullmatch(told):
        told = int(told)
    if isinstance(told, bool) or not isinstance(told, int):
        return None
    return told if 0 <= told <= LARGEST else None


def _moment(at: object) -> datetime | None:
    try:
        return utc_of(at) if isinstance(at, str) else None
    except (ValueError, OverflowError):
        return None
