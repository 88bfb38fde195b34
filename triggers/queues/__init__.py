"""Queues: where notifications come from. `queue_for` makes the one that the settings name."""

import os
from typing import assert_never

from triggers.clients import client_of
from triggers.notifications.port import Parse
from triggers.queues.places import EventGrid, Hook, Place, PubSub, Sqs, StorageQueue
from triggers.queues.port import Queue
from triggers.stores.access import Access

__all__ = ["EventGrid", "Hook", "Place", "PubSub", "Sqs", "StorageQueue", "no_grpc_in_forks", "queue_for"]


def queue_for(place: Place, access: Access) -> tuple[Queue, Parse]:
    """The queue, which asks nothing of its service yet, and the parser of its messages. Raises ClientMissing, and
    QueueUnusable."""
    match place:
        case Sqs():
            with client_of("aws", str(place)):
                from triggers.notifications import s3
                from triggers.queues.sqs import SqsQueue
            return SqsQueue(place, access.s3), s3.parse
        case StorageQueue():
            with client_of("azure", str(place)):
                from triggers.notifications import azure
                from triggers.queues.storage_queue import AzureStorageQueue
            return AzureStorageQueue(place, access.azure), azure.parse
        case EventGrid():
            with client_of("azure", str(place)):
                from triggers.notifications import azure
                from triggers.queues.event_grid import EventGridQueue
            return EventGridQueue(place), azure.parse
        case PubSub():
            no_grpc_in_forks()
            with client_of("gcp", str(place)):
                from triggers.notifications import gcs
                from triggers.queues.pubsub import PubSubQueue
            return PubSubQueue(place, access.gcs), gcs.parse
        case _:
            assert_never(place)


def no_grpc_in_forks() -> None:
    """To be called before gRPC is imported: a process that has used it can then start others, such as Java.

    Else gRPC wakes up in the child before that becomes the program, finds its files closed and ends it, now and then.
    https://github.com/grpc/grpc/issues/43055
    """
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")
