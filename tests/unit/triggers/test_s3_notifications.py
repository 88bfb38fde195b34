"""S3's messages as queues hold them; field notes 16 to 19, each by its name."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triggers.notifications.port import Appeared, Deleted, Garbled, Notification, NotOurs
from triggers.notifications.s3 import parse

AT = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def record(name: str = "ObjectCreated:Put", key: object = "in/a.csv", **told: object) -> dict[str, Any]:
    thing = {"key": key, "size": 7, "eTag": "e1", "sequencer": "0055AED6DCD90281E5", **told}
    told_by = {"eventSource": "aws:s3", "eventName": name, "eventTime": "2026-01-02T03:04:05.678Z"}
    return {**told_by, "s3": {"bucket": {"name": "trades"}, "object": thing}}


def bridged(kind: str = "Object Created", key: object = "in/a.csv", **told: object) -> dict[str, Any]:
    thing = {"key": key, "size": 7, "etag": "e1", "sequencer": "0055AED6DCD90281E5", **told}
    detail = {"bucket": {"name": "trades"}, "object": thing, "reason": "PutObject"}
    return {"source": "aws.s3", "detail-type": kind, "time": "2026-01-02T03:04:05Z", "detail": detail}


def by_sns(inner: object) -> dict[str, Any]:
    text = inner if isinstance(inner, str) else json.dumps(inner)
    return {"Type": "Notification", "TopicArn": "arn:aws:sns:eu-west-1:1:t", "Message": text}


def told(*records: object) -> list[Notification]:
    return parse(json.dumps({"Records": list(records)}).encode())


def said(document: object) -> list[Notification]:
    return parse(json.dumps(document).encode())


def uri_in(*records: object) -> str:
    (one,) = told(*records)
    assert isinstance(one, Appeared)
    return one.uri


HERE = Appeared("s3://trades/in/a.csv", "0" * 14 + "0055AED6DCD90281E5", "e1-7", 7, AT)


@pytest.mark.parametrize("how", ["Put", "Post", "Copy", "CompleteMultipartUpload"])
def test_an_object_that_was_made_in_any_way_appeared_with_all_that_a_listing_would_tell(how: str) -> None:
    assert told(record(f"ObjectCreated:{how}")) == [HERE]


def test_a_stand_in_that_writes_the_prefix_s3_means_the_same() -> None:
    assert told({**record("s3:ObjectCreated:Put"), "eventSource": "minio:s3"}) == [HERE]


def test_the_same_event_by_sns_says_the_same_with_raw_delivery_and_without() -> None:
    event = {"Records": [record()]}
    assert said(by_sns(event)) == said(event) == [HERE]


def test_the_same_event_by_eventbridge_says_the_same_but_for_the_fraction_of_the_second() -> None:
    (one,) = said(bridged())
    assert one == Appeared(HERE.uri, HERE.sequence, HERE.version, HERE.size, AT.replace(microsecond=0))
    assert said(by_sns(bridged())) == [one]


@pytest.mark.parametrize("name", ["ObjectRemoved:Delete", "ObjectRemoved:DeleteMarkerCreated"])
def test_a_deletion_and_a_delete_marker_are_deletions(name: str) -> None:
    assert told(record(name)) == [Deleted(HERE.uri)]
    assert said(bridged("Object Deleted")) == [Deleted(HERE.uri)]


@pytest.mark.parametrize("name", ["LifecycleExpiration:Delete", "s3:LifecycleExpiration:DeleteMarkerCreated"])
def test_what_a_lifecycle_deletes_is_deleted(name: str) -> None:
    assert told(record(name)) == [Deleted(HERE.uri)]


@pytest.mark.parametrize(
    "name",
    [
        "s3:LifecycleTransition",
        "s3:Replication:OperationFailedReplication",
        "ObjectRestore:Completed",
        "ReducedRedundancyLostObject",
        "ObjectTagging:Put",
        "ObjectAcl:Put",
        "s3:IntelligentTiering",
    ],
)
def test_events_about_objects_that_neither_come_nor_go_are_not_ours(name: str) -> None:
    (one,) = told(record(name))
    assert isinstance(one, NotOurs)
    assert name.removeprefix("s3:") in one.reason


@pytest.mark.parametrize("kind", ["Object Restore Completed", "Object Storage Class Changed", "Object Tags Added"])
def test_the_same_by_eventbridge_are_not_ours(kind: str) -> None:
    (one,) = said(bridged(kind))
    assert isinstance(one, NotOurs)
    assert kind in one.reason


def test_a_restore_from_an_archive_is_no_arrival_whatever_its_name() -> None:
    restored = {**record(), "glacierEventData": {"restoreEventData": {}}}
    assert told(restored) == [NotOurs("a restore from an archive: the object's bytes are not new")]
    assert told({**record(), "glacierEventData": None}) == [HERE]


@pytest.mark.parametrize(
    ("key", "raw"),
    [
        ("a+b.csv", "a b.csv"),
        ("a%2Bb.csv", "a+b.csv"),
        ("a%20b.csv", "a b.csv"),
        ("100%2525_fill%2Brate.csv", "100%25_fill+rate.csv"),
        ("in%2Fa%23%3F.csv", "in/a#?.csv"),
        ("%C3%A9/%F0%9F%9A%80.csv", "é/🚀.csv"),
        ("é.csv", "é.csv"),
        ("dt%3D2026-01-02/a%27%22.csv", "dt=2026-01-02/a'\".csv"),
    ],
)
def test_note_16_keys_are_form_encoded_in_s3s_own_events_and_raw_in_eventbridge(key: str, raw: str) -> None:
    assert uri_in(record(key=key)) == f"s3://trades/{raw}"
    (straight,) = said(bridged(key=key))
    assert isinstance(straight, Appeared)
    assert straight.uri == f"s3://trades/{key}"


def test_note_17_the_test_event_has_no_records_and_is_not_ours_in_an_sns_envelope_too() -> None:
    event = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "trades"}
    expected = NotOurs("the test event that S3 sends when notifications are set up")
    assert said(event) == said(by_sns(event)) == [expected]


@pytest.mark.parametrize(
    "foreign",
    [
        {"eventSource": "aws:dynamodb", "eventName": "INSERT", "dynamodb": {}},
        {"eventSource": "aws:kinesis", "kinesis": {"data": ""}},
        {"eventSource": "s3.amazonaws.com", "eventName": "PutObject"},
    ],
)
def test_note_17_foreign_events_in_a_batch_leave_the_others_alone(foreign: dict[str, Any]) -> None:
    first, second, third = told(record(), foreign, record(key="in/b.csv"))
    assert isinstance(second, NotOurs)
    assert (first, getattr(third, "uri", "")) == (HERE, "s3://trades/in/b.csv")


@pytest.mark.parametrize(
    "document",
    [
        {"message": "hello world"},
        {},
        {"Records": []},
        [1],
        "text",
        None,
        {"source": "aws.ec2", "detail-type": "EC2 Instance State-change Notification", "detail": {}},
        by_sns({"message": "hello world"}),
        {"Type": "SubscriptionConfirmation", "TopicArn": "arn:aws:sns:eu-west-1:1:t", "Message": "You have chosen"},
    ],
)
def test_note_17_what_is_no_event_of_s3_is_not_ours(document: object) -> None:
    (one,) = said(document)
    assert isinstance(one, NotOurs)
    assert one.reason


def test_note_18_a_message_holds_many_records_each_told_in_its_place() -> None:
    many = told(*(record(key=f"in/{n}.csv") for n in range(50)), record("ObjectRemoved:Delete"))
    assert [getattr(one, "uri", "") for one in many[:50]] == [f"s3://trades/in/{n}.csv" for n in range(50)]
    assert many[50] == Deleted(HERE.uri)


def test_note_18_duplicates_are_told_as_often_as_they_come() -> None:
    assert told(record(), record()) == [HERE, HERE]


@given(st.integers(0, 16**18 - 1), st.integers(0, 16**18 - 1), st.integers(0, 18), st.booleans())
def test_note_18_sequences_sort_as_text_as_their_hex_numbers_do(a: int, b: int, width: int, lower: bool) -> None:
    first, second = f"{a:0{width}{'x' if lower else 'X'}}", f"{b:X}"
    left, right = (getattr(one, "sequence", None) for one in told(record(sequencer=first), record(sequencer=second)))
    assert left is not None and right is not None
    assert (left < right, left == right) == (a < b, a == b)


@pytest.mark.parametrize("sequencer", ["Happy Sequencer", "", "0x12", "-1", "1_0", "١", 18, None, "0" * 33])
def test_note_18_a_sequencer_that_is_no_hex_number_orders_nothing(sequencer: object) -> None:
    (one,) = told(record(sequencer=sequencer))
    assert one == Appeared(HERE.uri, None, "e1-7", 7, AT)


def test_note_19_an_event_of_a_deleted_object_asks_for_nothing_more() -> None:
    """It says that the object is gone, and has neither version nor size to look for."""
    removed = record("ObjectRemoved:Delete")
    removed["s3"]["object"] = {"key": "in/a.csv", "sequencer": "0055AED6DCD90281E6"}
    assert told(removed) == [Deleted(HERE.uri)]


def test_an_etag_in_quotes_is_told_without_them() -> None:
    (one,) = told(record(eTag='"e1"'))
    assert one == HERE


@pytest.mark.parametrize("size", [None, -1, True, "7", 1.5, 2**63])
def test_a_size_that_cannot_be_true_is_not_told_and_so_is_no_version(size: object) -> None:
    (one,) = told(record(size=size))
    assert one == Appeared(HERE.uri, HERE.sequence, None, None, AT)


@pytest.mark.parametrize("etag", [None, "", '""', 5, "\ud800"])
def test_without_an_etag_there_is_a_size_but_no_version(etag: object) -> None:
    (one,) = told(record(eTag=etag))
    assert one == Appeared(HERE.uri, HERE.sequence, None, 7, AT)


def test_the_mark_of_a_folder_is_no_file_in_any_wrapping() -> None:
    ((straight,), (by_eventbridge,)) = told(record(key="in/", size=0)), said(bridged(key="in/", size=0))
    assert isinstance(straight, NotOurs)
    assert by_eventbridge == straight
    assert uri_in(record(key="in/", size=1)) == "s3://trades/in/"


def test_an_empty_object_has_a_version_too() -> None:
    (one,) = told(record(size=0))
    assert one == Appeared(HERE.uri, HERE.sequence, "e1-0", 0, AT)


@pytest.mark.parametrize("at", [None, "", "yesterday", "2026-01-02T03:04:05", "0001-01-01T00:00:00+14:00", 5])
def test_a_time_that_nobody_can_read_is_not_told(at: object) -> None:
    (one,) = told({**record(), "eventTime": at})
    assert one == Appeared(HERE.uri, HERE.sequence, "e1-7", 7, None)


@pytest.mark.parametrize("key", [None, "", 5, "%FF", "\ud800", "%00", ["a"]])
def test_a_record_whose_key_is_no_text_is_garbled(key: object) -> None:
    (one,) = told(record(key=key))
    assert isinstance(one, Garbled)


@pytest.mark.parametrize("broken", [{}, 1, None, {"eventSource": "aws:s3"}, {**record(), "s3": {"object": {}}}])
def test_a_broken_record_is_garbled_and_leaves_the_others_alone(broken: object) -> None:
    garbled, good = told(broken, record())
    assert isinstance(garbled, Garbled)
    assert good == HERE


@pytest.mark.parametrize("detail", [None, {}, {"bucket": {"name": "trades"}, "object": {}}, {"object": {"key": "a"}}])
def test_a_broken_event_of_eventbridge_is_garbled(detail: object) -> None:
    (one,) = said({**bridged(), "detail": detail})
    assert isinstance(one, Garbled)


@pytest.mark.parametrize(
    "body", [b"", b"Test message.", b"\xff\xfe", b"{", b"[" * 100_000, b'{"a":' + b"9" * 5000 + b"}"]
)
def test_a_body_that_is_not_json_is_garbled(body: bytes) -> None:
    assert parse(body) == [Garbled("not JSON")]


def test_what_a_lambda_got_and_handed_on_is_opened_too() -> None:
    event = {"Records": [record()]}
    from_queue = {"Records": [{"eventSource": "aws:sqs", "body": json.dumps(by_sns(event))}]}
    from_topic = {"Records": [{"EventSource": "aws:sns", "Sns": by_sns(event)}]}
    assert said(from_queue) == said(from_topic) == [HERE]


def test_wrappings_end_somewhere() -> None:
    document: object = {"Records": [record()]}
    for _ in range(5):
        document = by_sns(document)
    assert said(document) == [Garbled("wrapped too many times")]


KEYS = ["Records", "eventSource", "eventName", "eventTime", "s3", "bucket", "object", "name", "key", "size", "eTag"]
KEYS += ["sequencer", "Type", "Message", "TopicArn", "source", "detail-type", "detail", "Event", "EventSource", "Sns"]
TEXTS = ["aws:s3", "aws:sqs", "aws:sns", "aws.s3", "ObjectCreated:Put", "Object Created", "Notification", "{}", "%F"]
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.sampled_from(TEXTS)
documents = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(), inner)
)


@given(st.binary())
def test_no_bytes_raise(body: bytes) -> None:
    assert parse(body)


@given(documents)
def test_no_document_raises(document: object) -> None:
    assert said(document)


@given(st.sampled_from([record(), bridged(), by_sns({"Records": [record()]})]), st.data())
def test_no_event_with_one_part_replaced_raises(event: dict[str, Any], data: st.DataObject) -> None:
    changed = json.loads(json.dumps({"Records": [event]} if "s3" in event else event))
    place: Any = changed
    while isinstance(place, dict | list) and place:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if data.draw(st.booleans()) or not isinstance(place[key], dict | list):
            place[key] = data.draw(documents)
            break
        place = place[key]
    assert said(changed)
