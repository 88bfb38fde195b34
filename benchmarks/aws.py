"""S3 that tells SQS, by moto."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3

from benchmarks.cloud import Cloud, Told
from tests.clouds.aws_environment import ENVIRONMENT
from tests.clouds.moto_server import MotoServer


class AwsServer:
    """moto, in this process. Objects that wait are put in past the wire."""

    def __init__(self, aws: MotoServer, tells: bool) -> None:
        self._aws, self._bucket = aws, aws.bucket()
        self.told = {"endpoint": aws.endpoint, "region": aws.region, "bucket": self._bucket}
        if tells:
            self.told["queue"] = aws.queue()
            aws.notify(self._bucket, self.told["queue"])
            aws.client("sqs").purge_queue(QueueUrl=self.told["queue"])  # S3's test event

    def counts(self) -> Mapping[str, int]:
        counted = self._aws.counts("s3")
        self._aws.forget()
        return counted

    def fill(self, name: str, content: bytes) -> None:
        self._aws.fill(self._bucket, [name], content)


class AwsClient:
    """boto3."""

    def __init__(self, told: Told) -> None:
        make: Any = boto3.client
        self._told, ways = told, {"endpoint_url": told["endpoint"], "region_name": told["region"]}
        self._s3, self._sqs = make("s3", **ways), make("sqs", **ways)

    @property
    def source(self) -> str:
        return f"s3://{self._told['bucket']}/in/"

    @property
    def tables(self) -> dict[str, Any]:
        return {"s3": {name: self._told[name] for name in ("endpoint", "region")}}

    @property
    def events(self) -> dict[str, str]:
        return {"queue": self._told["queue"]}

    def put(self, name: str, content: bytes) -> None:
        self._s3.put_object(Bucket=self._told["bucket"], Key=name, Body=content)

    def read(self, name: str) -> bytes:
        read: bytes = self._s3.get_object(Bucket=self._told["bucket"], Key=name)["Body"].read()
        return read

    @contextmanager
    def watching(self) -> Iterator[Callable[[], float]]:
        yield self._next

    def _next(self) -> float:
        queue = self._told["queue"]
        (message,) = self._sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
        came = time.perf_counter()
        self._sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return came


@contextmanager
def _serving(tells: bool) -> Iterator[AwsServer]:
    with MotoServer() as aws:
        yield AwsServer(aws, tells)


CLOUD = Cloud("S3", ENVIRONMENT, _serving, AwsClient)
