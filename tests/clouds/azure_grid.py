"""Event Grid for Azurite, which tells nobody: what is written through its door is told to a storage queue."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from azure.storage.blob import ContainerClient
from azure.storage.queue import QueueClient

from tests.clouds.azure_events import created, grid_event, packed
from tests.clouds.azurite import Azurite
from tests.clouds.doorway import Answered, Asked

#: What the door calls the writes after which a blob is whole, and what the events call them.
APIS = {"PutBlob": "PutBlob", "PUT blocklist": "PutBlockList"}


@contextmanager
def telling(azure: Azurite, container: ContainerClient, queue: QueueClient) -> Iterator[None]:
    """While it lasts each blob that is written to the container is a message in the queue before its writer knows."""
    sequence = itertools.count(1)

    def tell(asked: Asked, passed_on: Callable[[], Answered]) -> Answered | None:
        _, _, name = unquote(asked.path).partition(f"/{container.container_name}/")
        if asked.operation not in APIS or not name:
            return None
        answered = passed_on()
        if answered.status == 201:
            queue.send_message(packed(grid_event(_data(container, name, APIS[asked.operation], next(sequence)))))
        return answered

    with azure.blobs.faulty(tell):
        yield


def _data(container: ContainerClient, name: str, api: str, number: int) -> dict[str, Any]:
    found = container.get_blob_client(name).get_blob_properties()
    return created(
        container.container_name, name, api=api, eTag=str(found.etag).strip('"'), contentLength=found.size,
        sequencer=f"00000000000000EB{number:016X}",
    )  # fmt: skip
