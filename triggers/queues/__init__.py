"""Queues: where notifications come from. `queue_for` makes the one that the settings name."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import assert_never

from triggers.errors import QueueUnusable
from triggers.notifications.port import Parse
from triggers.queues.places import EventGrid, Place, PubSub, Sqs, StorageQueue
from triggers.queues.port import Queue
from triggers.stores.access import Access

__all__ = ["EventGrid", "Place", "PubSub", "Sqs", "StorageQueue", "queue_for"]


def queue_for(place: Place, access: Access) -> tuple[Queue, Parse]:
    """The queue, which asks nothing of its service yet, and the parser of its messages. Raises QueueUnusable."""
    match place:
        case Sqs():
            with _packages_of(place, "aws"):
                from triggers.notifications import s3
                from triggers.queues.sqs import SqsQueue
            return SqsQueue(place, access.s3), s3.parse
        case StorageQueue():
            with _packages_of(place, "azure"):
                from triggers.notifications import azure
                from triggers.queues.storage_queue import AzureStorageQueue
            return AzureStorageQueue(place, access.azure), azure.parse
        case EventGrid():
            with _packages_of(place, "azure"):
                from triggers.notifications import azure
                from triggers.queues.event_grid import EventGridQueue
            return EventGridQueue(place), azure.parse
        case PubSub():
            with _packages_of(place, "gcp"):
                from triggers.notifications import gcs
                from triggers.queues.pubsub import PubSubQueue
            return PubSubQueue(place, access.gcs), gcs.parse
        case _:
            assert_never(place)


@contextmanager
def _packages_of(place: Place, extra: str) -> Iterator[None]:
    try:
        yield
    except ImportError as cause:
        hint = f"the package {cause.name} is missing: `pip install 'tradewind[{extra}]'`"
        raise QueueUnusable(str(place), hint) from cause
