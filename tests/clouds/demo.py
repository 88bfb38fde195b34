"""The demo over a stand-in for a cloud on this machine: `python -m tests.clouds.demo s3 …`, as `make demo CLOUD=s3`."""

import os
import signal
import sys

from cli_tool.run import main
from tests.clouds.aws_environment import ENVIRONMENT, UNSET
from tests.clouds.moto_server import MotoServer
from triggers import queues


def s3(options: list[str]) -> int:
    """Over S3 and SQS: a bucket whose events go to a queue, which the demo listens to."""
    for name in UNSET:
        os.environ.pop(name, None)
    os.environ.update(ENVIRONMENT)
    with MotoServer() as aws:
        bucket, queue = aws.bucket(), aws.queue()
        aws.notify(bucket, queue)
        tables = f'[s3]\nendpoint = "{aws.endpoint}"\nregion = "{aws.region}"\n'
        told = ["--incoming", f"s3://{bucket}/incoming", "--events", f'{{ queue = "{queue}" }}', "--tables", tables]
        return main(["demo", *told, *options])


def gcs(options: list[str]) -> int:
    """Over Cloud Storage and Pub/Sub: the server tells a topic of every object, and the demo has a subscription."""
    queues.no_grpc_in_forks()
    from tests.clouds.fake_gcs import FakeGcs
    from tests.clouds.pubsub_emulator import PubSubEmulator

    with PubSubEmulator() as pubsub:
        topic = pubsub.topic()
        subscription = pubsub.subscription(topic)
        with FakeGcs(pubsub=pubsub.address, topic=topic) as server:
            bucket = server.bucket().name
            ways = f'endpoint = "{server.endpoint}"\npubsub_endpoint = "{pubsub.address}"\nanonymous = true\n'
            told = ["--incoming", f"gs://{bucket}/incoming", "--events", f'{{ subscription = "{subscription}" }}']
            return main(["demo", *told, "--tables", f"[gcs]\n{ways}", *options])


def azure(options: list[str]) -> int:
    """Over Blob storage and a storage queue, which is told of every blob as Event Grid does it."""
    from tests.clouds import azure_environment
    from tests.clouds.azure_grid import telling
    from tests.clouds.azurite import Azurite

    os.environ.update(azure_environment.ENVIRONMENT)
    with Azurite() as server:
        container, queue = server.container(), server.queue()
        ways = f'endpoint = "{server.access.endpoint}"\nqueue_endpoint = "{server.access.queue_endpoint}"\n'
        told = ["--incoming", server.prefix(container, "incoming"), "--events", f'{{ queue = "{server.url(queue)}" }}']
        with telling(server, container, queue):
            return main(["demo", *told, "--tables", f"[azure]\n{ways}", *options])


CLOUDS = {"s3": s3, "azure": azure, "gcs": gcs}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in CLOUDS:
        sys.exit(f"CLOUD is one of: {', '.join(CLOUDS)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # which ends the servers too
    sys.exit(CLOUDS[sys.argv[1]](sys.argv[2:]))
