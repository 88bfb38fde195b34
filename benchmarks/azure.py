"""Azure Blob storage that tells a storage queue, by Azurite.

Of the two ways of Event Grid's events this is the one whose both ends are Microsoft's own emulator. What Event Grid
does between them is done by the door that uploads pass: it puts the event into the queue before it answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

from azure.storage.blob import ContainerClient
from azure.storage.queue import QueueClient

from benchmarks.cloud import Cloud, Told
from tests.clouds.azure_environment import ACCOUNT, ENVIRONMENT, KEY
from tests.clouds.azure_grid import telling
from tests.clouds.azurite import Azurite

PAUSE = 0.005  # seconds between two questions to a queue: it knows no long poll


class AzureServer:
    """Azurite. What waits is read past the door, which Python keeps; what is told passes it and is counted."""

    def __init__(self, azure: Azurite, container: ContainerClient, queue: QueueClient | None) -> None:
        self._azure, self._container = azure, container
        port = azure.blobs.behind if queue is None else azure.blobs.port
        self.told = {"endpoint": _address(port), "container": container.container_name}
        if queue is not None:
            self.told |= {"queue_endpoint": _address(azure.queues.behind), "queue": queue.queue_name}

    def counts(self) -> Mapping[str, int]:
        counted = self._azure.blobs.counts()
        self._azure.blobs.forget()
        return counted

    def fill(self, name: str, content: bytes) -> None:
        self._azure.fill(self._container, [name], content)


class AzureClient:
    """azure-storage-blob and azure-storage-queue."""

    def __init__(self, told: Told) -> None:
        secret = {"account_name": ACCOUNT, "account_key": KEY}
        self._told = told
        self._container = ContainerClient(f"{told['endpoint']}/{ACCOUNT}", told["container"], secret)
        if "queue" in told:
            self._queue = QueueClient(f"{told['queue_endpoint']}/{ACCOUNT}", told["queue"], secret)

    @property
    def source(self) -> str:
        return f"abfss://{self._told['container']}@{ACCOUNT}.dfs.core.windows.net/in/"

    @property
    def tables(self) -> dict[str, Any]:
        named = ("endpoint", "queue_endpoint")
        return {"azure": {name: self._told[name] for name in named if name in self._told}}

    @property
    def events(self) -> dict[str, str]:
        return {"queue": f"https://{ACCOUNT}.queue.core.windows.net/{self._told['queue']}"}

    def put(self, name: str, content: bytes) -> None:
        self._container.upload_blob(name, content)

    def read(self, name: str) -> bytes:
        return self._container.download_blob(name).readall()

    @contextmanager
    def watching(self) -> Iterator[Callable[[], float]]:
        yield self._next

    def _next(self) -> float:
        while (message := self._queue.receive_message()) is None:
            time.sleep(PAUSE)
        came = time.perf_counter()
        self._queue.delete_message(message)
        return came


@contextmanager
def _serving(tells: bool) -> Iterator[AzureServer]:
    with Azurite() as azure:
        container, queue = azure.container(), azure.queue() if tells else None
        with telling(azure, container, queue) if queue else nullcontext():
            yield AzureServer(azure, container, queue)


def _address(port: int) -> str:
    return f"http://127.0.0.1:{port}"


CLOUD = Cloud("Azure Blob", ENVIRONMENT, _serving, AzureClient)
