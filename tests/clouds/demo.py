"""The demo over a stand-in for a cloud on this machine: `python -m tests.clouds.demo s3 …`, as `make demo CLOUD=s3`."""

import os
import sys

from cli_tool.run import main
from tests.clouds.aws_environment import ENVIRONMENT, UNSET
from tests.clouds.moto_server import MotoServer


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


CLOUDS = {"s3": s3}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in CLOUDS:
        sys.exit(f"CLOUD is one of: {', '.join(CLOUDS)}")
    sys.exit(CLOUDS[sys.argv[1]](sys.argv[2:]))
