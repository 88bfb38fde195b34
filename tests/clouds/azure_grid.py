"""Event Grid for Azurite, which tells nobody: what is written through its door is told to a storage queue."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import unquote

from azure.storage.blob import ContainerClient
from azure.storage.queue import QueueClient

from tests.clouds.azure_events import Teller, grid_event, packed
from tests.clouds.azurite import Azurite
from tests.clouds.doorway import Answered, Asked

#: What the door calls the writes after which a blob is whole, and what the events call them.
APIS = {"PutBlob": "PutBlob", "PUT blocklist": "PutBlockList"}


@contextmanager
def telling(azure: Azurite, container: ContainerClient, queue: QueueClient) -> Iterator[None]:
    """While it lasts each blob that is written to the container is a message in the queue before its writer knows."""
    teller = Teller(container.container_name)

    def tell(asked: Asked, passed_on: Callable[[], Answered]) -> Answered | None:
        _, _, name = unquote(asked.path).partition(f"/{container.container_name}/")
        if asked.operation not in APIS or not name:
            return None
        answered = passed_on()
        if answered.status == 201:
            found = container.get_blob_client(name).get_blob_properties()
            told = teller.written(name, APIS[asked.operation], str(found.etag), found.size)
            queue.send_message(packed(grid_event(*told)))
        return answered

    with azure.blobs.faulty(tell):
        yield
