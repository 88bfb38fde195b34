"""The stand-in for AWS tells of objects as AWS does, counts, fails when told to, and comes back with its state."""

import json
from typing import Any
from urllib.parse import unquote_plus

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ResponseStreamingError

from tests.clouds.moto_server import MotoServer

KEY = "trades/dt=2026-01-02/a b+c%20(1) é🚀.csv"


def told(aws: MotoServer, queue: str) -> list[Any]:
    sqs, bodies = aws.client("sqs"), []
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            bodies.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return bodies


def records(aws: MotoServer, queue: str) -> list[tuple[str, dict[str, Any]]]:
    found = [record for body in told(aws, queue) for record in body.get("Records", [])]
    return [(record["eventName"], record["s3"]["object"]) for record in found]


def test_a_new_notification_begins_with_a_test_event(aws: MotoServer) -> None:
    bucket, queue = aws.bucket(), aws.queue()
    aws.notify(bucket, queue)
    (body,) = told(aws, queue)
    assert (body["Event"], body["Bucket"]) == ("s3:TestEvent", bucket)


def test_an_upload_is_told_with_version_sequencer_and_the_key_as_a_form_has_it(aws: MotoServer) -> None:
    bucket, queue = aws.bucket(versioned=True), aws.queue()
    aws.notify(bucket, queue)
    made = aws.client("s3").put_object(Bucket=bucket, Key=KEY, Body=b"four")
    ((name, about),) = records(aws, queue)
    assert name == "ObjectCreated:Put"
    assert about["key"] == "trades/dt%3D2026-01-02/a+b%2Bc%2520%281%29+%C3%A9%F0%9F%9A%80.csv"
    assert unquote_plus(about["key"]) == KEY
    assert (about["size"], about["versionId"]) == (4, made["VersionId"])
    assert f'"{about["eTag"]}"' == made["ETag"]
    assert int(about["sequencer"], 16) > 0


def test_a_bucket_without_versions_tells_none(aws: MotoServer) -> None:
    bucket, queue = aws.bucket(), aws.queue()
    aws.notify(bucket, queue)
    aws.client("s3").put_object(Bucket=bucket, Key="a", Body=b"x")
    ((_, about),) = records(aws, queue)
    assert "versionId" not in about


def test_sequencers_of_a_key_ascend_as_padded_numbers(aws: MotoServer) -> None:
    bucket, queue, s3 = aws.bucket(), aws.queue(), aws.client("s3")
    aws.notify(bucket, queue)
    etags = [s3.put_object(Bucket=bucket, Key="a", Body=str(n))["ETag"].strip('"') for n in range(20)]
    found = sorted(records(aws, queue), key=lambda record: int(record[1]["sequencer"], 16))
    assert [about["eTag"] for _, about in found] == etags


def test_a_multipart_upload_is_one_event(aws: MotoServer) -> None:
    bucket, queue, s3 = aws.bucket(), aws.queue(), aws.client("s3")
    aws.notify(bucket, queue)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="a")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="a", UploadId=upload, PartNumber=1, Body=b"x" * 100)
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket=bucket, Key="a", UploadId=upload, MultipartUpload=parts)
    ((name, about),) = records(aws, queue)
    assert (name, about["size"], about["eTag"][-2:]) == ("ObjectCreated:CompleteMultipartUpload", 100, "-1")


def test_deletions_and_delete_markers_are_told(aws: MotoServer) -> None:
    plain, versioned, queue, s3 = aws.bucket(), aws.bucket(versioned=True), aws.queue(), aws.client("s3")
    aws.notify(plain, queue)
    aws.notify(versioned, queue)
    for bucket in (plain, versioned):
        s3.put_object(Bucket=bucket, Key="a", Body=b"x")
        s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}]})
    names = [name for name, _ in records(aws, queue)]
    assert sorted(names) == ["ObjectCreated:Put"] * 2 + ["ObjectRemoved:Delete", "ObjectRemoved:DeleteMarkerCreated"]


def test_a_copy_is_told_as_one(aws: MotoServer) -> None:
    bucket, queue, s3 = aws.bucket(), aws.queue(), aws.client("s3")
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    aws.notify(bucket, queue)
    s3.copy_object(Bucket=bucket, Key="b", CopySource={"Bucket": bucket, "Key": "a"})
    assert [(name, about["key"]) for name, about in records(aws, queue)] == [("ObjectCreated:Copy", "b")]


def test_sns_wraps_the_event_in_a_string(aws: MotoServer) -> None:
    bucket, queue = aws.bucket(), aws.queue()
    aws.notify(bucket, queue, by="sns")
    aws.client("s3").put_object(Bucket=bucket, Key=KEY, Body=b"x")
    bodies = [json.loads(body["Message"]) for body in told(aws, queue) if body["Type"] == "Notification"]
    keys = [record["s3"]["object"]["key"] for body in bodies for record in body.get("Records", [])]
    assert [unquote_plus(key) for key in keys] == [KEY]


def test_eventbridge_tells_the_raw_key_in_its_own_shape(aws: MotoServer) -> None:
    bucket, queue, s3 = aws.bucket(versioned=True), aws.queue(), aws.client("s3")
    aws.notify(bucket, queue, by="events")
    made = s3.put_object(Bucket=bucket, Key=KEY, Body=b"four")
    s3.delete_object(Bucket=bucket, Key=KEY)
    created, deleted = told(aws, queue)
    about = created["detail"]["object"]
    assert (created["detail-type"], created["detail"]["bucket"]["name"]) == ("Object Created", bucket)
    assert (about["key"], about["size"], about["version-id"]) == (KEY, 4, made["VersionId"])
    assert f'"{about["etag"]}"' == made["ETag"]
    assert (deleted["detail-type"], deleted["detail"]["deletion-type"]) == ("Object Deleted", "Delete Marker Created")


def test_requests_are_counted_by_service_and_operation(aws: MotoServer) -> None:
    bucket, queue, s3 = aws.bucket(), aws.queue(), aws.client("s3")
    aws.forget()
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"x")
    s3.head_object(Bucket=bucket, Key=KEY)
    s3.get_object(Bucket=bucket, Key=KEY)["Body"].read()
    s3.list_objects_v2(Bucket=bucket)
    aws.client("sqs").receive_message(QueueUrl=queue)
    assert aws.counts("s3") == {"PutObject": 1, "HeadObject": 1, "GetObject": 1, "ListObjectsV2": 1}
    assert aws.counts("sqs") == {"ReceiveMessage": 1}
    assert aws.requests[0].path == f"/{bucket}/{KEY}"


def test_it_is_down_for_a_while_and_comes_back_with_what_it_held(aws: MotoServer) -> None:
    bucket, s3 = aws.bucket(), aws.client("s3")
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    with aws.down(), pytest.raises(EndpointConnectionError):
        s3.head_object(Bucket=bucket, Key="a")
    assert s3.head_object(Bucket=bucket, Key="a")["ContentLength"] == 1


def test_it_fails_as_told(aws: MotoServer) -> None:
    bucket, queue, s3 = aws.bucket(), aws.queue(), aws.client("s3")
    with aws.failing(503, "SlowDown", "ListObjectsV2", times=1):
        with pytest.raises(ClientError, match="SlowDown"):
            s3.list_objects_v2(Bucket=bucket)
        s3.list_objects_v2(Bucket=bucket)
    with aws.failing(403, "ExpiredToken"), pytest.raises(ClientError, match="ExpiredToken"):
        aws.client("sqs").receive_message(QueueUrl=queue)


def test_it_cuts_a_body(aws: MotoServer) -> None:
    bucket, s3 = aws.bucket(), aws.client("s3")
    s3.put_object(Bucket=bucket, Key="a", Body=b"x" * 1_000)
    with aws.cutting(100), pytest.raises(ResponseStreamingError):
        s3.get_object(Bucket=bucket, Key="a")["Body"].read()


def test_every_server_begins_empty(aws: MotoServer) -> None:
    aws.bucket("some-bucket")
    aws.reset()
    assert aws.client("s3").list_buckets()["Buckets"] == []
