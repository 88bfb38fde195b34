"""An upload to S3, told by S3 itself to a queue, is what a listing shows: nobody need ask the store again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.clouds.moto_server import MotoServer
from triggers.notifications.port import Appeared, Deleted, Notification
from triggers.queues import Sqs, queue_for
from triggers.stores.access import Access, S3Access

KEYS = [
    "trades/a.csv",
    "a b+c%20#?.csv",
    "quotes'\".csv",
    "é🚀.csv",
    "dt=2026-01-02/sym=BTC+USDT/part 0001 (2).csv",
    "a",
    "a/b",
    "n" * 1000,
]


class Told:
    """A bucket, and what its queue tells of it."""

    def __init__(self, aws: MotoServer, by: str, versioned: bool) -> None:
        self.s3, self.bucket = aws.client("s3"), aws.bucket(versioned=versioned)
        url = aws.queue()
        aws.notify(self.bucket, url, by=by)
        self.queue, self._parse = queue_for(Sqs(url), Access(S3Access(endpoint=aws.endpoint)))

    def listed(self) -> list[tuple[str, str, int]]:
        found = self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return [(self.uri(one["Key"]), f"{one['ETag'].strip(chr(34))}-{one['Size']}", one["Size"]) for one in found]

    def uri(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"

    def notifications(self) -> list[Notification]:
        """Everything that is in the queue, done with."""
        told: list[Notification] = []
        while got := self.queue.receive(timedelta()):  # a slow machine gathers fewer at a time
            assert self.queue.acknowledge(got) == []
            told += [one for message in got for one in self._parse(message.body)]
        return told

    def appeared(self) -> list[Appeared]:
        return [one for one in self.notifications() if isinstance(one, Appeared)]


@pytest.fixture(params=["sqs", "sns", "events"])
def by(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[False, True], ids=["plain", "versioned"])
def told(aws: MotoServer, by: str, request: pytest.FixtureRequest) -> Iterator[Told]:
    made = Told(aws, by, request.param)
    yield made
    made.queue.close()


def test_what_is_uploaded_is_told_as_a_listing_shows_it(told: Told) -> None:
    before = datetime.now(UTC)
    for number, key in enumerate(KEYS):
        told.s3.put_object(Bucket=told.bucket, Key=key, Body=b"x" * number)
    said = told.appeared()
    assert sorted((one.uri, one.version, one.size) for one in said) == sorted(told.listed())
    times = [one.modified_at for one in said if one.modified_at is not None]
    assert len(times) == len(KEYS)
    assert all(abs(at - before) < timedelta(minutes=1) for at in times)


def test_the_last_of_many_overwrites_is_the_one_with_the_greatest_sequence(told: Told) -> None:
    for number in range(20):
        told.s3.put_object(Bucket=told.bucket, Key="a.csv", Body=b"x" * number)
    said = told.appeared()
    assert len({one.sequence for one in said}) == 20
    last = max(said, key=lambda one: one.sequence or "")
    assert [(last.uri, last.version, last.size)] == told.listed()


def test_a_multipart_upload_and_a_copy_are_told_as_a_listing_shows_them(told: Told) -> None:
    upload = told.s3.create_multipart_upload(Bucket=told.bucket, Key="big.csv")["UploadId"]
    part = {"Bucket": told.bucket, "Key": "big.csv", "UploadId": upload}
    tag = told.s3.upload_part(**part, PartNumber=1, Body=b"x" * 100)["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": tag}]}
    told.s3.complete_multipart_upload(**part, MultipartUpload=parts)
    told.s3.copy_object(Bucket=told.bucket, Key="copy.csv", CopySource={"Bucket": told.bucket, "Key": "big.csv"})
    assert [(one.uri, one.version, one.size) for one in told.appeared()] == told.listed()


def test_what_is_deleted_is_told_as_gone(told: Told) -> None:
    told.s3.put_object(Bucket=told.bucket, Key="é +.csv", Body=b"x")
    told.s3.delete_object(Bucket=told.bucket, Key="é +.csv")
    assert [one for one in told.notifications() if isinstance(one, Deleted)] == [Deleted(told.uri("é +.csv"))]
