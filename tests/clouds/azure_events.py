"""Storage events as Azure sends them, made for tests."""

import base64
import itertools
import json
import uuid
from typing import Any
from urllib.parse import quote

from tests.clouds.azure_environment import ACCOUNT

Told = tuple[dict[str, Any], str]  # an event's data, and its type


class Teller:
    """What is told of one container's blobs, each time with a later sequencer; names as in the container."""

    def __init__(self, container: str) -> None:
        self._container, self._numbers = container, itertools.count(1)

    def written(self, name: str, api: str, etag: str, size: int) -> Told:
        bare = etag.strip('"')
        data = created(self._container, name, api=api, eTag=bare, contentLength=size, sequencer=self._sequencer())
        return data, "Microsoft.Storage.BlobCreated"

    def deleted(self, name: str) -> Told:
        data = {"api": "DeleteBlob", "url": url(self._container, name), "sequencer": self._sequencer()}
        return data, "Microsoft.Storage.BlobDeleted"

    def renamed(self, old: str, new: str) -> Told:
        """As a hierarchical account tells it: by one event, which has no `url`."""
        places = {"sourceUrl": url(self._container, old), "destinationUrl": url(self._container, new)}
        return {"api": "RenameFile", **places, "sequencer": self._sequencer()}, "Microsoft.Storage.BlobRenamed"

    def _sequencer(self) -> str:
        return f"00000000000000EB{next(self._numbers):016X}"


def created(container: str, name: str, **changed: Any) -> dict[str, Any]:
    """The data of BlobCreated."""
    return {
        "api": "PutBlob",
        "requestId": "602a88ef-0001-00e6-1233-164607000000",
        "eTag": "0x8D4E44A24ABE7F1",
        "contentType": "text/csv",
        "contentLength": 447,
        "blobType": "BlockBlob",
        "url": url(container, name),
        "sequencer": "00000000000000EB000000000000C65A",
        **changed,
    }


def url(container: str, name: str) -> str:
    """As an event names a blob."""
    return f"https://{ACCOUNT}.blob.core.windows.net/{container}/{quote(name)}"


def grid_event(data: dict[str, Any], kind: str = "Microsoft.Storage.BlobCreated", subject: str = "") -> dict[str, Any]:
    """In Event Grid's own schema."""
    return {
        "topic": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/devstoreaccount1",
        "subject": subject,
        "eventType": kind,
        "eventTime": "2026-01-02T03:04:05.1234567Z",
        "id": str(uuid.uuid4()),
        "data": data,
        "dataVersion": "",
        "metadataVersion": "1",
    }


def cloud_event(data: dict[str, Any], kind: str = "Microsoft.Storage.BlobCreated", subject: str = "") -> dict[str, Any]:
    """As a CloudEvent."""
    return {
        "specversion": "1.0",
        "source": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/devstoreaccount1",
        "subject": subject,
        "type": kind,
        "time": "2026-01-02T03:04:05.1234567Z",
        "id": str(uuid.uuid4()),
        "data": data,
    }


def packed(event: Any) -> str:
    """As Event Grid puts it into a storage queue."""
    return base64.b64encode(json.dumps(event).encode()).decode()
