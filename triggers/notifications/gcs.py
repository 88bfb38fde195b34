"""Messages of Cloud Storage, in every shape that a Pub/Sub subscription or Eventarc hands on.

https://cloud.google.com/storage/docs/pubsub-notifications and https://github.com/googleapis/google-cloudevents

What our own queue hands on has the shape of a push's body, attributes and all, for a `Message` has only a body:
`{"subscription", "message": {"attributes", "data" (base64), "messageId", "publishTime"}}`.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from triggers.notifications.gcs_objects import told_of
from triggers.notifications.port import Garbled, Notification, NotOurs

Event = Mapping[Any, Any]

#: CloudEvents' names of what Cloud Storage's own attributes call by their values.
_CLOUD_EVENTS = {
    "google.cloud.storage.object.v1.finalized": "OBJECT_FINALIZE",
    "google.cloud.storage.object.v1.deleted": "OBJECT_DELETE",
    "google.cloud.storage.object.v1.archived": "OBJECT_ARCHIVE",
    "google.cloud.storage.object.v1.metadataUpdated": "OBJECT_METADATA_UPDATE",
}
_BY_PUBSUB = "google.cloud.pubsub.topic.v1.messagePublished"
_FOREIGN = NotOurs("no event of Cloud Storage")


def parse(body: bytes) -> list[Notification]:
    """The one notification in a message. Names are raw, in attributes as in the payload.

    A payload (JSON_API_V1) adds size and time to what the attributes say; without one (NONE) the size stays unknown.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return [Garbled("not JSON")]
    return [_told(document)]


def _told(document: object) -> Notification:
    match document:
        case {"message": dict(message)}:
            return _message(message)
        case {"attributes": dict(attributes), **more}:
            return _message({**more, "attributes": attributes})
        case {"specversion": str(), "type": str(kind), "data": data, **event}:
            return _cloud_event(kind, data, event.get("time"))
        case {"kind": "storage#object", **thing}:
            return _resource(thing)
    return _FOREIGN


def _message(message: Event) -> Notification:
    match message.get("attributes"):
        case {"eventType": str(kind), "bucketId": bucket, "objectId": name, **more}:
            return told_of(kind, {**more, "bucketId": bucket, "objectId": name}, _payload(message), more)
        case {"eventType": str(kind), "notificationConfig": str()}:
            return Garbled(f"{kind[:80]!a} without the names of its bucket and object")
    return _FOREIGN


def _payload(message: Event) -> Event:
    """The object as it was; nothing where there is none, or none that can be read: the attributes say enough."""
    match message:
        case {"data": str(data)}:
            return _object(_decoded(data))
        case {"data_utf8": str(text)}:  # as `gcloud pubsub subscriptions pull` and captures show it
            return _object(text)
    return {}


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _object(text: bytes | str) -> Event:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _cloud_event(kind: str, data: object, at: object) -> Notification:
    if kind == _BY_PUBSUB:
        match data:
            case {"message": dict(message)}:
                return _message(message)
        return Garbled("an event of Pub/Sub without a message")
    if kind not in _CLOUD_EVENTS:
        return NotOurs(f"an event of the type {kind[:80]!a}")
    if not isinstance(data, dict):
        return Garbled("an event of Cloud Storage without its object")
    return told_of(_CLOUD_EVENTS[kind], _names(data), data, {"eventTime": at})


def _resource(thing: Mapping[Any, Any]) -> Notification:
    # The body of an event whose type stands in HTTP's headers, which no queue keeps.
    if "timeDeleted" in thing:
        return NotOurs("a version that is gone: deleted, or overwritten by one that is told of by itself")
    return told_of("OBJECT_FINALIZE", _names(thing), thing, {})


def _names(thing: Event) -> Event:
    return {
        "bucketId": thing.get("bucket"),
        "objectId": thing.get("name"),
        "objectGeneration": thing.get("generation"),
    }
