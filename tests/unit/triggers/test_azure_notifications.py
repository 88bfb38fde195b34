"""What Azure's storage events say, in both schemas, with the traps that field notes 20 and 21 tell of."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clouds.azure_environment import ACCOUNT
from tests.clouds.azure_events import cloud_event, created, grid_event, packed, url
from triggers.notifications.azure import parse
from triggers.notifications.port import Appeared, Deleted, Garbled, Notification, NotOurs, Renamed

TIME = datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)
SEQUENCE = "00000000000000EB000000000000C65A"
PREFIX = f"abfss://trades@{ACCOUNT}.dfs.core.windows.net/"
WHOLE = Appeared(f"{PREFIX}a.csv", SEQUENCE, "0x8D4E44A24ABE7F1-447", 447, TIME)
NAMES = ["a.csv", "a b+c%20#?.csv", "quotes'\".csv", "é.csv", "🚀.csv", "100%25.csv", "a&b;c=d/e.csv"]


def told(event: Any) -> list[Notification]:
    return parse(json.dumps(event).encode())


@pytest.mark.parametrize("schema", [grid_event, cloud_event])
@pytest.mark.parametrize("wrapped", ["plain", "base64"])
@pytest.mark.parametrize("many", [False, True])
def test_an_event_is_understood_in_either_schema_alone_or_among_others_plain_or_in_base64(
    schema: Any, wrapped: str, many: bool
) -> None:
    event: Any = schema(created("trades", "a.csv"))
    body = [event, event] if many else event
    text = json.dumps(body) if wrapped == "plain" else packed(body)
    assert parse(text.encode()) == ([WHOLE, WHOLE] if many else [WHOLE])


def test_a_cloud_event_may_pack_its_data() -> None:
    event = cloud_event({})
    del event["data"]
    event["data_base64"] = packed(created("trades", "a.csv"))
    assert told(event) == [WHOLE]


@pytest.mark.parametrize("name", NAMES)
def test_a_url_is_decoded_into_the_raw_name(name: str) -> None:
    (appeared,) = told(grid_event(created("trades", name)))
    assert isinstance(appeared, Appeared)
    assert appeared.uri == PREFIX + name


@pytest.mark.parametrize("name", NAMES)
def test_a_url_that_is_raw_as_its_subject_is_not_decoded(name: str) -> None:
    raw = created("trades", name, url=f"https://{ACCOUNT}.blob.core.windows.net/trades/{name}")
    (appeared,) = told(grid_event(raw, subject=f"/blobServices/default/containers/trades/blobs/{name}"))
    assert isinstance(appeared, Appeared)
    assert appeared.uri == PREFIX + name


@pytest.mark.parametrize("name", NAMES)
def test_a_subject_that_lost_its_letters_does_not_matter(name: str) -> None:
    event = grid_event(created("trades", name), subject="/blobServices/default/containers/trades/blobs/lost��.csv")
    (appeared,) = told(event)
    assert isinstance(appeared, Appeared)
    assert appeared.uri == PREFIX + name


def test_a_quoted_etag_is_the_version_that_a_listing_shows() -> None:
    assert told(grid_event(created("trades", "a.csv", eTag='"0x8D4E44A24ABE7F1"'))) == [WHOLE]


@pytest.mark.parametrize("changed", [{"eTag": None}, {"contentLength": None}, {"contentLength": 0}, {"eTag": "\0"}])
def test_where_size_or_version_are_not_told_the_store_is_to_be_asked(changed: dict[str, Any]) -> None:
    assert told(grid_event(created("trades", "a.csv", **changed))) == [Appeared(WHOLE.uri, SEQUENCE, None, None, TIME)]


@pytest.mark.parametrize("api", ["PutBlob", "PutBlockList", "FlushWithClose", "SftpCommit"])
def test_field_note_20_a_file_has_come_when_its_last_byte_is_there(api: str) -> None:
    assert told(grid_event(created("trades", "a.csv", api=api))) == [WHOLE]


@pytest.mark.parametrize("api", ["CreateFile", "SftpCreate", "AppendFile", "SetBlobTier", None, 7])
def test_field_note_20_create_file_and_the_like_come_before_the_bytes(api: object) -> None:
    (ignored,) = told(grid_event(created("trades", "a.csv", api=api, contentLength=0)))
    assert isinstance(ignored, NotOurs)
    assert str(api) in ignored.reason


def test_field_note_20_a_copy_may_only_have_begun_so_the_store_is_asked() -> None:
    assert told(grid_event(created("trades", "a.csv", api="CopyBlob"))) == [
        Appeared(WHOLE.uri, SEQUENCE, None, None, TIME)
    ]


def test_field_note_20_a_renamed_file_has_a_destination_and_no_url() -> None:
    host = f"https://{ACCOUNT}.dfs.core.windows.net/trades"
    data = {
        "api": "RenameFile",
        "sourceUrl": f"{host}/tmp/a%20b.csv",
        "destinationUrl": f"{host}/in/a%20b.csv",
        "sequencer": SEQUENCE,
    }
    (renamed,) = told(cloud_event(data, "Microsoft.Storage.BlobRenamed"))
    assert renamed == Renamed(f"{PREFIX}tmp/a b.csv", Appeared(f"{PREFIX}in/a b.csv", SEQUENCE, modified_at=TIME))


def test_a_deleted_file_is_told() -> None:
    data = {"api": "DeleteFile", "url": url("trades", "a b.csv"), "sequencer": SEQUENCE}
    assert told(grid_event(data, "Microsoft.Storage.BlobDeleted")) == [Deleted(f"{PREFIX}a b.csv")]


def test_field_note_21_the_validation_of_a_subscription_is_no_file() -> None:
    data = {"validationCode": "512d38b6-c7b8-40c8-89fe-f46f9e9622b6", "validationUrl": "https://example.com"}
    (ignored,) = told([grid_event(data, "Microsoft.EventGrid.SubscriptionValidationEvent")])
    assert ignored == NotOurs("the validation of a subscription")


def test_field_note_21_a_storage_queue_holds_base64_also_with_a_line_end() -> None:
    assert parse(packed(grid_event(created("trades", "a.csv"))).encode() + b"\n") == [WHOLE]


@pytest.mark.parametrize(
    "kind",
    [
        "Microsoft.Storage.DirectoryCreated",
        "Microsoft.Storage.DirectoryRenamed",
        "Microsoft.Storage.BlobTierChanged",
        "Microsoft.ServiceBus.ActiveMessagesAvailableWithNoListeners",
        "com.example.other",
    ],
)
def test_events_of_other_kinds_are_ignored_with_the_reason(kind: str) -> None:
    (ignored,) = told(grid_event({"api": "x"}, kind))
    assert isinstance(ignored, NotOurs)


def test_a_renamed_folder_says_who_finds_its_files() -> None:
    (ignored,) = told(grid_event({"api": "RenameDirectory"}, "Microsoft.Storage.DirectoryRenamed"))
    assert isinstance(ignored, NotOurs)
    assert "the sweep" in ignored.reason


def test_an_empty_batch_is_nothing_of_ours() -> None:
    assert parse(b"[]") == [NotOurs("no event in it")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"null",
        b"7",
        b"{}",
        b'[{"eventType": 7}]',
        b'{"eventType": "Microsoft.Storage.BlobCreated"}',
        b'{"eventType": "Microsoft.Storage.BlobCreated", "data": []}',
        b'{"type": "Microsoft.Storage.BlobCreated", "data_base64": "%%%"}',
        b"[" * 100_000,
        base64.b64encode(b"[" * 100_000),
    ],
)
def test_what_nobody_can_read_is_garbled(body: bytes) -> None:
    (garbled,) = parse(body)
    assert isinstance(garbled, Garbled)


@pytest.mark.parametrize(
    "bad",
    [
        None,
        7,
        "",
        "trades/a.csv",
        "https://example.com/trades/a.csv",
        f"https://{ACCOUNT}.blob.core.windows.net/trades/%FF.csv",
        f"https://{ACCOUNT}.blob.core.windows.net/trades/%00.csv",
        f"https://{ACCOUNT}.blob.core.windows.net/trades/\ud800.csv",
        f"https://{ACCOUNT}.blob.core.windows.net/",
    ],
)
def test_a_blob_that_cannot_be_named_garbles_its_own_event_alone(bad: object) -> None:
    event = grid_event(created("trades", "a.csv", url=bad))
    garbled, whole = told([event, grid_event(created("trades", "a.csv"))])
    assert isinstance(garbled, Garbled)
    assert whole == WHOLE


@pytest.mark.parametrize("time", ["", "yesterday", "2026-01-02T03:04:05", "0001-01-01T00:00:00+14:00", 7, None])
def test_a_time_that_makes_no_sense_is_left_out(time: object) -> None:
    event = grid_event(created("trades", "a.csv"))
    event["eventTime"] = time
    (appeared,) = told(event)
    assert isinstance(appeared, Appeared)
    assert appeared.modified_at is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KINDS = st.sampled_from(["BlobCreated", "BlobDeleted", "BlobRenamed"]).map(lambda kind: f"Microsoft.Storage.{kind}")
URLS = st.text(max_size=30).map(lambda name: f"https://{ACCOUNT}.blob.core.windows.net/trades/{name}")
KEYS = ("api", "url", "sourceUrl", "destinationUrl", "eTag", "contentLength", "sequencer")
DATA = st.dictionaries(st.sampled_from(KEYS), JSON | URLS | st.sampled_from(["PutBlob", "CopyBlob"]))
EVENTS = st.fixed_dictionaries(
    {"eventType": KINDS | JSON, "data": DATA | JSON},
    optional={"subject": JSON, "eventTime": JSON, "type": KINDS, "time": JSON, "data_base64": JSON},
)


@given(st.binary())
def test_whatever_the_bytes_something_is_said(body: bytes) -> None:
    assert parse(body)
    assert parse(base64.b64encode(body))


@given(EVENTS | st.lists(EVENTS) | JSON)
def test_whatever_the_event_something_is_said_and_every_uri_can_be_kept(event: Any) -> None:
    for said in told(event):
        for uri in [said.uri] if isinstance(said, Appeared | Deleted) else []:
            assert "\0" not in uri
            uri.encode()


CASES: dict[str, list[Notification]] = {
    "azure-eventgrid-StorageBlobCreatedEvent.json": [
        Appeared(
            "abfss://testcontainer@myaccount.dfs.core.windows.net/file1.txt",
            "00000000000000EB000000000000C65A",
            "0x8D4E44A24ABE7F1-447",
            447,
            datetime(2017, 8, 16, 1, 57, 26, 5121, tzinfo=UTC),
        )
    ],
    "azure-eventgrid-MultipleEventsInSameBatch.json": [
        Appeared(
            "abfss://testcontainer@myaccount.dfs.core.windows.net/file1.txt",
            "00000000000000EB000000000000C65A",
            "0x8D4E44A24ABE7F1-447",
            447,
            datetime(2017, 8, 16, 1, 57, 26, 5121, tzinfo=UTC),
        ),
        Deleted("abfss://testcontainer@example.dfs.core.windows.net/testfile.txt"),
        Deleted("abfss://testcontainer@example.dfs.core.windows.net/testfile.txt"),
        NotOurs(
            "an event of another kind: Microsoft.ServiceBus.DeadletterMessagesAvailableWithNoListeners",
        ),
    ],
}


@pytest.mark.parametrize("name", CASES)
def test_captured_messages_say_exactly_this(cases: Path, name: str) -> None:
    body = (cases / "notifications" / name).read_bytes()
    assert parse(body) == parse(base64.b64encode(body)) == CASES[name]


def test_no_captured_message_of_azure_is_left_out(cases: Path) -> None:
    assert {path.name for path in (cases / "notifications").glob("azure-*")} == set(CASES)


def test_messages_of_other_clouds_are_no_files_of_ours(cases: Path) -> None:
    for path in (cases / "notifications").glob("*.json"):
        said = parse(path.read_bytes())
        assert path.name in CASES or all(isinstance(one, NotOurs | Garbled) for one in said)
