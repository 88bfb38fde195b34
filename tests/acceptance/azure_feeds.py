"""Azure Blob storage telling Event Grid, which fills a storage queue, or a namespace from which events are pulled."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, ClassVar

from tests.acceptance.cloud_feed import CloudFeed, Names
from tests.clouds.azure_events import Teller, cloud_event, grid_event, packed

if TYPE_CHECKING:
    from tests.clouds.azurite import Azurite
    from tests.clouds.doorway import Answered, Asked
    from tests.clouds.event_grid_server import EventGridServer

OTHERS = "Microsoft.Resources.ResourceWriteSuccess"
LONGER_THAN_A_HOLD = timedelta(minutes=2, seconds=1)


class AzureFeed(CloudFeed):
    """A container of Azurite. Azurite tells nobody: the events are made here, with what its answers say."""

    def __init__(self, folder: Path, dsn: str, session: Any, azure: Azurite) -> None:
        super().__init__(folder, dsn, session)
        self.azure, self.container = azure, azure.container()
        self.tells, self.aside = Teller(self.container.container_name), None

    aside: list[str] | None

    @property
    def source(self) -> str:
        return self.azure.prefix(self.container, "in/")

    @property
    def tables(self) -> dict[str, dict[str, str]]:
        access = self.azure.access
        return {"azure": {"endpoint": str(access.endpoint), "queue_endpoint": str(access.queue_endpoint)}}

    def put(self, name: str, content: bytes, folder: str = "in/") -> None:
        self._put(f"{folder}{name}", content, "PutBlob")

    def put_in_parts(self, name: str, content: bytes) -> None:
        self._put(f"in/{name}", content, "PutBlockList", 2**20)

    def delete(self, name: str) -> None:
        self.container.get_blob_client(f"in/{name}").delete_blob()
        self._tell(self._event(*self.tells.deleted(f"in/{name}")))

    def begin(self, name: str) -> None:
        """As a hierarchical account's clients begin a file; it is told of before the first byte."""
        self._put(f"in/{name}", b"", "CreateFile")

    def finish(self, name: str, content: bytes) -> None:
        """As they end one."""
        self._put(f"in/{name}", content, "FlushWithClose")

    def rename(self, old: str, new: str) -> None:
        """As a hierarchical account does it."""
        source = self.container.get_blob_client(f"in/{old}")
        self.container.upload_blob(f"in/{new}", source.download_blob().readall())
        source.delete_blob()
        self._tell(self._event(*self.tells.renamed(f"in/{old}", f"in/{new}")))

    def asked_of_bucket(self) -> dict[str, int]:
        counted = dict(self.azure.blobs.counts())
        for uploading in ("PutBlob", "PUT block", "PUT blocklist"):
            counted.pop(uploading, None)
        return counted

    def forget(self) -> None:
        self.azure.blobs.forget()
        self.azure.queues.forget()

    def divert(self) -> Callable[[], list[str]]:
        told = list[str]()
        self.aside = told
        return lambda: told

    def hold_for(self, seconds: int) -> None:
        """The queue's client tells it for how long, or its owner does."""

    @contextmanager
    def before_reads(self, act: Callable[[], None]) -> Iterator[None]:
        def first(asked: Asked, passed_on: Any) -> None:
            if asked.operation == "GetBlob":
                act()

        with self.azure.blobs.faulty(first):
            yield

    @contextmanager
    def down(self) -> Iterator[None]:
        with self.azure.blobs.down(), self.azure.queues.down():
            yield

    def store_away(self) -> AbstractContextManager[None]:
        return self.azure.failing(503, "ServerBusy", service="blob")

    def refused(self) -> AbstractContextManager[None]:
        return self.azure.failing(403, "AuthenticationFailed")

    @abstractmethod
    def _event(self, data: dict[str, Any], kind: str = "Microsoft.Storage.BlobCreated") -> str:
        """The event as the queue's messages hold it."""

    def _put(self, name: str, content: bytes, api: str, largest: int = 64 * 2**20) -> None:
        blob = self.container.get_blob_client(name)
        blob._config.max_single_put_size = blob._config.max_block_size = largest
        told = blob.upload_blob(content, overwrite=True)
        self._tell(self._event(*self.tells.written(name, api, told["etag"], len(content))))

    def _tell(self, event: str) -> None:
        if self.aside is None:
            self.send(event)
        else:
            self.aside.append(event)


class StorageQueueFeed(AzureFeed):
    """By Event Grid's own schema, packed in base64, in a storage queue."""

    names: ClassVar[Names] = Names("GetBlob", "ListBlobs", "GetMessages", "DeleteMessage", "UpdateMessage")
    foreign: ClassVar[tuple[str, ...]] = (packed(grid_event({}, OTHERS)),)

    def __init__(self, folder: Path, dsn: str, session: Any, azure: Azurite) -> None:
        super().__init__(folder, dsn, session, azure)
        self.queue = azure.queue()

    @property
    def events(self) -> dict[str, str]:
        return {"queue": self.azure.url(self.queue)}

    def asked_of_queue(self, operation: str) -> int:
        return self.azure.queues.counts()[operation]

    def waiting_messages(self) -> int:
        return int(self.queue.get_queue_properties().approximate_message_count or 0)

    def send(self, *bodies: str) -> None:
        for body in bodies:
            self.queue.send_message(body)

    def queue_away(self) -> AbstractContextManager[None]:
        return self.azure.failing(503, "ServerBusy", service="queue")

    def let_holds_end(self) -> None:
        self.azure.pass_time(LONGER_THAN_A_HOLD)

    @contextmanager
    def stuck(self, operation: str, until: Event) -> Iterator[None]:
        from tests.clouds.doorway import Answered

        def held(asked: Asked, passed_on: Any) -> Answered | None:
            return Answered(503, [], b"") if asked.operation == operation and until.wait(60) else None

        with self.azure.queues.faulty(held):
            yield

    def _event(self, data: dict[str, Any], kind: str = "Microsoft.Storage.BlobCreated") -> str:
        return packed(grid_event(data, kind))


class EventGridFeed(AzureFeed):
    """By CloudEvents, pulled from a namespace."""

    names: ClassVar[Names] = Names("GetBlob", "ListBlobs", "receive", "acknowledge", "renewLock")
    garbled: ClassVar[str] = json.dumps(cloud_event({"api": "PutBlob", "url": "no url"}))
    foreign: ClassVar[tuple[str, ...]] = (json.dumps(cloud_event({}, OTHERS)),)

    def __init__(self, folder: Path, dsn: str, session: Any, azure: Azurite, grid: EventGridServer) -> None:
        super().__init__(folder, dsn, session, azure)
        self.grid = grid

    @property
    def events(self) -> dict[str, str]:
        place = self.grid.place
        return {
            "namespace_endpoint": place.namespace_endpoint, "topic": place.topic, "subscription": place.subscription,
        }  # fmt: skip

    def asked_of_queue(self, operation: str) -> int:
        return self.grid.requests[operation]

    def forget(self) -> None:
        super().forget()
        self.grid.requests.clear()

    def waiting_messages(self) -> int:
        return self.grid.waiting()

    def send(self, *bodies: str) -> None:
        self.grid.publish(*map(json.loads, bodies))

    def let_holds_end(self) -> None:
        self.grid.pass_time(LONGER_THAN_A_HOLD)

    @contextmanager
    def stuck(self, operation: str, until: Event) -> Iterator[None]:
        self.grid.stuck = (operation, until)
        try:
            yield
        finally:
            self.grid.stuck = None

    @contextmanager
    def down(self) -> Iterator[None]:
        with super().down(), self.grid.down():
            yield

    @contextmanager
    def refused(self) -> Iterator[None]:
        with super().refused(), self.grid.refusing(401, "Unauthorized"):
            yield

    def queue_away(self) -> AbstractContextManager[None]:
        return self.grid.refusing(503, "ServiceUnavailable")

    def _event(self, data: dict[str, Any], kind: str = "Microsoft.Storage.BlobCreated") -> str:
        return json.dumps(cloud_event(data, kind))
