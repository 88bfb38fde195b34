"""Cloud Storage's messages as Pub/Sub holds them; field note 22 by its name."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triggers.notifications.gcs import parse
from triggers.notifications.port import Appeared, Deleted, Garbled, Notification, NotOurs

NAME = "in/a b+c%20#?é🚀.csv"
ATTRIBUTES = {
    "eventType": "OBJECT_FINALIZE",
    "eventTime": "2026-01-02T03:04:06.5Z",
    "bucketId": "trades",
    "objectId": NAME,
    "objectGeneration": "1767323045678901",
    "payloadFormat": "NONE",
    "notificationConfig": "projects/_/buckets/trades/notificationConfigs/1",
}
RESOURCE = {
    "kind": "storage#object",
    "bucket": "trades",
    "name": NAME,
    "generation": "1767323045678901",
    "size": "7",
    "timeCreated": "2026-01-02T03:04:05.678Z",
}
URI = f"gs://trades/{NAME}"
HERE = Appeared(URI, None, "1767323045678901", 7, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))


def message(payload: object = None, **attributes: object) -> dict[str, Any]:
    data = {} if payload is None else {"data": base64.b64encode(json.dumps(payload).encode()).decode()}
    told = {name: value for name, value in {**ATTRIBUTES, **attributes}.items() if value is not None}
    return {"subscription": "projects/p/subscriptions/s", "message": {"attributes": told, **data}}


def said(document: object) -> list[Notification]:
    return parse(json.dumps(document).encode())


def test_a_payload_tells_all_that_a_listing_would() -> None:
    assert said(message(RESOURCE, payloadFormat="JSON_API_V1")) == [HERE]


def test_attributes_alone_tell_all_but_the_size() -> None:
    at = datetime(2026, 1, 2, 3, 4, 6, 500000, tzinfo=UTC)
    assert said(message()) == [Appeared(URI, None, "1767323045678901", None, at)]


def test_a_message_without_its_envelope_says_the_same() -> None:
    assert said(message(RESOURCE)["message"]) == [HERE]


def test_cloudevents_say_the_same_by_their_types() -> None:
    def event(kind: str, data: object) -> dict[str, Any]:
        return {"specversion": "1.0", "type": f"google.cloud.{kind}", "time": "2026-01-02T03:04:06Z", "data": data}

    assert said(event("storage.object.v1.finalized", RESOURCE)) == [HERE]
    assert said(event("storage.object.v1.deleted", RESOURCE)) == [Deleted(URI)]
    assert said(event("storage.object.v1.archived", RESOURCE)) == [Deleted(URI)]
    assert said(event("pubsub.topic.v1.messagePublished", message(RESOURCE))) == [HERE]
    (told,) = said(event("storage.object.v1.metadataUpdated", RESOURCE))
    assert isinstance(told, NotOurs)
    assert said(event("audit.log.v1.written", {})) == [
        NotOurs("an event of the type 'google.cloud.audit.log.v1.written'")
    ]


def test_note_22_an_overwrite_is_one_arrival_and_no_deletion() -> None:
    old, new = "1767323045678901", "1767323099999999"
    arrived = said(message(objectGeneration=new, overwroteGeneration=old))
    assert isinstance(arrived[0], Appeared)
    assert arrived[0].version == new
    for kind in ("OBJECT_DELETE", "OBJECT_ARCHIVE"):
        assert said(message(eventType=kind, overwrittenByGeneration=new)) == [
            NotOurs("the old half of an overwrite: the new generation is told of by itself")
        ]


@pytest.mark.parametrize("kind", ["OBJECT_DELETE", "OBJECT_ARCHIVE"])
def test_without_the_pair_an_object_is_gone(kind: str) -> None:
    assert said(message(eventType=kind)) == [Deleted(URI)]


@pytest.mark.parametrize("kind", ["OBJECT_METADATA_UPDATE", "OBJECT_OF_TOMORROW"])
def test_what_brings_no_bytes_is_not_ours(kind: str) -> None:
    assert said(message(eventType=kind)) == [NotOurs(f"{kind!r}: no object came or went")]


def test_a_folders_marker_is_no_arrival() -> None:
    assert said(message(objectId="in/")) == [NotOurs("a folder's marker, which has no bytes")]
    assert said(message({**RESOURCE, "name": "in/"}, objectId="in/")) != said(message(objectId="in/"))


@pytest.mark.parametrize(
    "foreign", [{"message": {"data": "aGk="}}, {"message": {"attributes": {"a": "b"}}}, [], 1, None, "x", {}]
)
def test_what_others_publish_to_the_topic_is_not_ours(foreign: object) -> None:
    assert said(foreign) == [NotOurs("no event of Cloud Storage")]


def test_an_event_without_names_cannot_be_read() -> None:
    for broken in (message(objectId=""), message(bucketId=5), message(objectId=None), message(objectId="a\0b")):
        (told,) = said(broken)
        assert isinstance(told, Garbled)


def test_a_payload_that_cannot_be_read_leaves_what_the_attributes_say() -> None:
    for data in ("%%%", base64.b64encode(b"{").decode(), base64.b64encode(b"[1]").decode(), "é"):
        document = message()
        document["message"]["data"] = data
        assert said(document) == said(message())


def test_numbers_that_cannot_be_true_count_as_not_told() -> None:
    (told,) = said(message({**RESOURCE, "size": "-1", "timeCreated": "soon"}, objectGeneration="x", eventTime=1))
    assert told == Appeared(URI)


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_read_without_an_error(body: bytes) -> None:
    assert len(parse(body)) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = [*ATTRIBUTES, *RESOURCE, "overwrittenByGeneration", "timeDeleted", "data", "message", "attributes"]


@given(
    st.dictionaries(st.sampled_from([*NAMES, "specversion", "type"]), JSON),
    st.dictionaries(st.sampled_from(NAMES), JSON),
    JSON,
)
def test_any_values_under_the_right_names_are_read_without_an_error(
    top: dict[str, Any], inner: dict[str, Any], data: object
) -> None:
    for document in (
        top,
        {**RESOURCE, **top},
        {"message": {"attributes": {**ATTRIBUTES, **inner}, "data": data}},
        {"attributes": inner, "data_utf8": data},
        {"specversion": "1.0", "type": "google.cloud.storage.object.v1.finalized", "data": {**RESOURCE, **inner}},
    ):
        assert len(said(document)) == 1
