"""Stand-ins for the clouds on this machine, each with a bucket whose new objects a queue is told of."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from tests.clouds.aws_environment import ENVIRONMENT, UNSET
from triggers import queues


@dataclass(frozen=True)
class Place:
    """A prefix to put files under, and what a configuration says of the way there."""

    prefix: str
    events: str  # the inline table of [feeds.NAME] events
    tables: str  # [s3], [azure] or [gcs]


@contextmanager
def s3() -> Iterator[Place]:
    """S3, whose events go to an SQS queue."""
    from tests.clouds.moto_server import MotoServer

    for name in UNSET:
        os.environ.pop(name, None)
    os.environ.update(ENVIRONMENT)
    with MotoServer() as aws:
        bucket, queue = aws.bucket(), aws.queue()
        aws.notify(bucket, queue)
        tables = f'[s3]\nendpoint = "{aws.endpoint}"\nregion = "{aws.region}"\n'
        yield Place(f"s3://{bucket}/incoming", f'{{ queue = "{queue}" }}', tables)


@contextmanager
def azure() -> Iterator[Place]:
    """Blob storage and a storage queue, which is told of every blob as Event Grid does it."""
    from tests.clouds import azure_environment
    from tests.clouds.azure_grid import telling
    from tests.clouds.azurite import Azurite

    os.environ.update(azure_environment.ENVIRONMENT)
    with Azurite() as server:
        container, queue = server.container(), server.queue()
        ways = f'endpoint = "{server.access.endpoint}"\nqueue_endpoint = "{server.access.queue_endpoint}"\n'
        with telling(server, container, queue):
            prefix = server.prefix(container, "incoming")
            yield Place(prefix, f'{{ queue = "{server.url(queue)}" }}', f"[azure]\n{ways}")


@contextmanager
def gcs() -> Iterator[Place]:
    """Cloud Storage and Pub/Sub: the server tells a topic of every object, which has a subscription."""
    queues.no_grpc_in_forks()
    from tests.clouds.fake_gcs import FakeGcs
    from tests.clouds.pubsub_emulator import PubSubEmulator

    with PubSubEmulator() as pubsub:
        topic = pubsub.topic()
        subscription = pubsub.subscription(topic)
        with FakeGcs(pubsub=pubsub.address, topic=topic) as server:
            ways = f'endpoint = "{server.endpoint}"\npubsub_endpoint = "{pubsub.address}"\nanonymous = true\n'
            prefix = f"gs://{server.bucket().name}/incoming"
            yield Place(prefix, f'{{ subscription = "{subscription}" }}', f"[gcs]\n{ways}")


PLACES: dict[str, Callable[[], AbstractContextManager[Place]]] = {"s3": s3, "azure": azure, "gcs": gcs}
