"""Azure's storage events, as Event Grid's own schema or as CloudEvents, one or many, plain or in base64.

https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage
"""

import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from triggers.errors import BadUri
from triggers.notifications.port import Appeared, Deleted, Garbled, Notification, NotOurs, Renamed
from triggers.stores.azure_names import place_of

#: The calls after which all bytes are there. CreateFile and SftpCreate come before the first byte.
WHOLE = frozenset({"PutBlob", "PutBlockList", "CopyBlob", "FlushWithClose", "SftpCommit"})
#: What the event tells of size and version is only so at the time of the event: a copy may just have begun.
BEGUN = frozenset({"CopyBlob"})

# No database holds a NUL or half a surrogate pair.
_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")
LARGEST = 2**63 - 1  # bytes; what the ledger can hold
_STORAGE = "Microsoft.Storage."
_REASONS = {
    "Microsoft.EventGrid.SubscriptionValidationEvent": "the validation of a subscription",
    "Microsoft.EventGrid.SubscriptionDeletedEvent": "a subscription was deleted: no more events will come by it",
    "Microsoft.Storage.DirectoryRenamed": "a folder was renamed: the sweep finds its files under their new names",
}


def parse(body: bytes) -> list[Notification]:
    """What a message says, event by event; Garbled for what is neither of the two schemas."""
    try:
        told = _decoded(body)
    except (ValueError, RecursionError):
        return [Garbled("neither JSON nor JSON in base64")]
    events = told if isinstance(told, list) else [told]
    return [_event(event) for event in events] or [NotOurs("no event in it")]


def _decoded(body: bytes) -> Any:
    # Event Grid puts base64 into storage queues by most of its documents, plain JSON by some.
    try:
        return json.loads(body)
    except ValueError:
        return json.loads(base64.b64decode(body.strip(), validate=True))


def _event(event: Any) -> Notification:
    if not isinstance(event, dict):
        return Garbled("an event that is no JSON object")
    kind = event.get("eventType", event.get("type"))
    if not isinstance(kind, str):
        return Garbled("an event without a type")
    if not kind.startswith(_STORAGE) or kind in _REASONS:
        return NotOurs(_REASONS.get(kind, f"an event of another kind: {kind}"))
    try:
        return _storage(kind.removeprefix(_STORAGE), event, _data(event))
    except (BadUri, ValueError, RecursionError) as error:
        return Garbled(str(error))


def _data(event: Mapping[str, Any]) -> Mapping[str, Any]:
    data = event.get("data")
    if data is None and isinstance(packed := event.get("data_base64"), str):
        data = json.loads(base64.b64decode(packed, validate=True))
    if not isinstance(data, dict):
        raise ValueError("an event without data")
    return data


def _storage(kind: str, event: Mapping[str, Any], data: Mapping[str, Any]) -> Notification:
    match kind:
        case "BlobCreated":
            return _created(event, data)
        case "BlobDeleted":
            return Deleted(_uri(data, "url", event))
        case "BlobRenamed":
            to = _uri(data, "destinationUrl", event)
            return Renamed(_uri(data, "sourceUrl"), Appeared(to, _text(data, "sequencer"), modified_at=_time(event)))
    return NotOurs(f"no file came or went: {kind}")


def _created(event: Mapping[str, Any], data: Mapping[str, Any]) -> Notification:
    api = _text(data, "api")
    if api not in WHOLE:
        return NotOurs(f"written by {data.get('api')}, after which a file is not whole yet")
    version, size = (None, None) if api in BEGUN else _version(data)
    return Appeared(_uri(data, "url", event), _text(data, "sequencer"), version, size, _time(event))


def _version(data: Mapping[str, Any]) -> tuple[str | None, int | None]:
    etag, size = (_text(data, "eTag") or "").strip('"'), data.get("contentLength")
    # Of what has no bytes only the store knows whether it is a folder.
    if not etag or not isinstance(size, int) or isinstance(size, bool) or not 0 < size <= LARGEST:
        return None, None
    return f"{etag}-{size}", size


def _uri(data: Mapping[str, Any], key: str, event: Mapping[str, Any] | None = None) -> str:
    """Urls are percent-encoded, unless the subject, which is not, says that this one is raw."""
    url = _text(data, key)
    if url is None:
        raise ValueError(f"an event without {key}")
    uri = _as_subject(url, event) or place_of(url).uri
    if _UNKEEPABLE.search(uri):
        raise ValueError("a name that no database can hold")
    return uri


def _as_subject(url: str, event: Mapping[str, Any] | None) -> str | None:
    subject = (event or {}).get("subject")
    if not isinstance(subject, str) or "/blobs/" not in subject:
        return None
    container = place_of("/".join(url.split("/")[:4]))
    name = subject.partition("/blobs/")[2]
    return container.at(name).uri if url.endswith(f"/{container.container}/{name}") else None


def _text(data: Mapping[str, Any], key: str) -> str | None:
    found = data.get(key)
    return found if isinstance(found, str) and found and not _UNKEEPABLE.search(found) else None


def _time(event: Mapping[str, Any]) -> datetime | None:
    try:
        found = datetime.fromisoformat(_text(event, "eventTime") or _text(event, "time") or "")
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None
