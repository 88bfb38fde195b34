"""S3 as a store, beyond what every store promises: how often it is asked, what it refuses, how it fails."""

import multiprocessing
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from tests.clouds.moto_server import MotoServer
from tests.clouds.s3_rights import only_below
from triggers.errors import (
    BadUri,
    ListingIncomplete,
    PrefixMissing,
    StoreRefused,
    StoreUnavailable,
    Unreadable,
    VersionChanged,
    VersionVanished,
)
from triggers.stores import Stores, s3_client
from triggers.stores.access import Access, S3Access
from triggers.stores.port import ClearableStore, Listed, dated
from triggers.stores.s3 import S3Store

MB = 1024 * 1024


class Place:
    """A bucket, the store on it, and boto3 beside it."""

    def __init__(self, aws: MotoServer) -> None:
        self.aws, self.bucket, self.s3 = aws, aws.bucket(), aws.client("s3")
        self.access = S3Access(endpoint=aws.endpoint)
        self.store: ClearableStore = Stores(Access(s3=self.access)).of("s3://any/")
        self.prefix = f"s3://{self.bucket}/in/"

    def put(self, name: str, content: bytes = b"x") -> Listed:
        self.s3.put_object(Bucket=self.bucket, Key=f"in/{name}", Body=content)
        found = self.store.stat(self.prefix + name)
        assert found is not None
        self.aws.forget()
        return found

    def read(self, listed: Listed, *cut: int) -> bytes:
        with self.store.open(listed.uri, listed.version, *cut) as stream:
            return stream.read()

    def counts(self) -> dict[str, int]:
        return dict(self.aws.counts("s3"))


@pytest.fixture
def place(aws: MotoServer) -> Place:
    return Place(aws)


def test_a_small_file_is_one_get(place: Place) -> None:
    listed = place.put("a.csv", b"content")
    assert place.read(listed) == b"content"
    assert place.counts() == {"GetObject": 1}


def test_each_range_is_one_get_and_a_file_without_bytes_too(place: Place) -> None:
    listed, empty = place.put("a.csv", b"content"), place.put("empty.csv", b"")
    assert (place.read(listed, 2, 4), place.read(empty), place.read(empty, 0, 9)) == (b"nt", b"", b"")
    assert place.counts() == {"GetObject": 3}


def test_1_000_objects_are_one_list_and_the_next_one_waits_until_it_is_needed(place: Place) -> None:
    place.aws.fill(place.bucket, (f"in/{n:04}" for n in range(1_001)))
    place.aws.forget()
    listing = place.store.list(place.prefix)
    first = [next(listing) for _ in range(1_000)]
    assert place.counts() == {"ListObjectsV2": 1}
    assert len(list(listing)) == 1
    assert place.counts() == {"ListObjectsV2": 2}
    place.aws.forget()
    assert len(list(place.store.list(place.prefix, first[0].uri))) == 1_000
    assert place.counts() == {"ListObjectsV2": 1}


def test_a_listing_that_goes_on_at_the_end_is_one_list(place: Place) -> None:
    last = place.put("a.csv")
    assert list(place.store.list(place.prefix, last.uri)) == []
    assert place.counts() == {"ListObjectsV2": 1}


def test_what_is_read_tells_the_stores_own_time(place: Place) -> None:
    listed = place.put("a.csv")
    with place.store.open(listed.uri, listed.version) as stream:
        assert dated(stream) == listed.modified_at
    assert listed.modified_at.tzinfo is UTC


def test_a_version_is_the_etag_and_the_size_of_a_multipart_upload_as_well(place: Place) -> None:
    upload = place.s3.create_multipart_upload(Bucket=place.bucket, Key="in/a")["UploadId"]
    named = {"Bucket": place.bucket, "Key": "in/a", "UploadId": upload}
    sent = [place.s3.upload_part(**named, PartNumber=n, Body=b"x" * 5 * MB)["ETag"] for n in (1, 2)]
    parts = [{"PartNumber": n, "ETag": etag} for n, etag in enumerate(sent, 1)]
    etag = place.s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})["ETag"].strip('"')
    (listed,) = place.store.list(place.prefix)
    assert (listed.version, etag[-2:]) == (f"{etag}-{10 * MB}", "-2")
    assert len(place.read(listed)) == 10 * MB


def test_sparks_spelling_of_a_uri_is_the_same_object(place: Place) -> None:
    listed = place.put("a.csv", b"content")
    stores = Stores(Access(s3=place.access))
    for scheme in ("s3a:", "s3n:"):
        spelled = scheme + listed.uri.removeprefix("s3:")
        assert stores.of(spelled).stat(spelled) == listed
        assert list(stores.of(spelled).list(scheme + place.prefix.removeprefix("s3:"))) == [listed]


def test_a_listing_cannot_go_on_after_a_key_of_another_bucket(place: Place) -> None:
    with pytest.raises(BadUri, match="cannot begin there"):
        list(place.store.list(place.prefix, "s3://another/in/a.csv"))


def test_a_key_that_no_database_can_hold_is_told_after_all_others_were_listed(place: Place) -> None:
    place.aws.fill(place.bucket, ["in/a", "in/b\0b", "in/c"])
    found: list[str] = []
    with pytest.raises(ListingIncomplete, match="NUL") as raised:
        found.extend(one.uri for one in place.store.list(place.prefix))
    assert found == [place.prefix + "a", place.prefix + "c"]
    assert "\0" not in str(raised.value)


def test_the_longest_key_is_an_object_and_a_longer_one_is_not_even_asked_for(place: Place) -> None:
    longest = "é" * ((1_024 - len("in/")) // 2)
    listed = place.put(longest, b"content")
    assert place.read(listed) == b"content"
    place.aws.forget()
    assert place.store.stat(place.prefix + longest + "é") is None
    assert place.counts() == {}


def test_anonymous_requests_are_not_signed(place: Place) -> None:
    listed = place.put("a.csv", b"content")
    place.s3.put_object_acl(Bucket=place.bucket, Key="in/a.csv", ACL="public-read")
    place.aws.forget()
    store = S3Store(S3Access(endpoint=place.aws.endpoint, anonymous=True))
    assert list(store.list(place.prefix)) == [listed]
    with store.open(listed.uri, listed.version) as stream:
        assert stream.read() == b"content"
    assert [asked.signed for asked in place.aws.requests] == [False, False]
    place.aws.forget()
    place.read(listed)
    assert [asked.signed for asked in place.aws.requests] == [True]


def test_a_cut_body_is_no_end(place: Place) -> None:
    listed = place.put("a.csv", b"line\n" * 200_000)
    with place.aws.cutting(500_000), pytest.raises(StoreUnavailable):
        place.read(listed)
    with place.aws.cutting(500_000), pytest.raises(StoreUnavailable), _opened(place, listed) as stream:
        while stream.read(4_096):
            pass
    assert len(place.read(listed)) == 1_000_000


def _opened(place: Place, listed: Listed) -> AbstractContextManager[BinaryIO]:
    return place.store.open(listed.uri, listed.version)


@pytest.mark.parametrize("at_once", [MB, -1], ids=["in pieces", "whole"])
def test_a_large_object_is_read_in_bounded_memory(place: Place, at_once: int) -> None:
    listed = place.put("a.csv", b"x" * 64 * MB)
    # In a process of its own: this one has had its peak, in which the object's content would not show.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as processes:
        size, grown = processes.submit(_peak_of_reading, Stores(Access(s3=place.access)), listed, at_once).result()
    assert size == 64 * MB
    # Read whole it does show: the measure can fail.
    assert (grown < 16 * MB) is (at_once == MB), f"{grown / MB:.0f} MB"


def _peak_of_reading(stores: Stores, listed: Listed, at_once: int) -> tuple[int, int]:
    """How many bytes were read, and by how many the process's peak grew after the first."""
    with stores.of(listed.uri).open(listed.uri, listed.version) as stream:
        size, before = len(stream.read(1)), _peak()
        while content := stream.read(at_once):
            size += len(content)
        return size, _peak() - before


def _peak() -> int:
    """Of this process, in bytes. Its `ru_maxrss` would begin with that of the process which started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def test_a_reader_that_stops_early_leaves_the_client_in_order(place: Place) -> None:
    listed = place.put("a.csv", b"x" * 4 * MB)
    for _ in range(100):
        with place.store.open(listed.uri, listed.version) as stream:
            assert stream.read(10) == b"x" * 10
    assert len(place.read(listed)) == 4 * MB


def test_a_busy_store_is_asked_again_by_the_client_itself(place: Place) -> None:
    listed = place.put("a.csv", b"content")
    with place.aws.failing(503, "SlowDown", times=1):
        assert place.read(listed) == b"content"
    assert place.counts() == {"GetObject": 2}


@pytest.mark.parametrize(("status", "code"), [(503, "SlowDown"), (500, "InternalError"), (503, "ServiceUnavailable")])
def test_a_store_that_stays_busy_is_told_and_works_later(place: Place, status: int, code: str) -> None:
    listed = place.put("a.csv", b"content")
    with place.aws.failing(status, code), pytest.raises(StoreUnavailable, match=code):
        place.read(listed)
    assert place.read(listed) == b"content"


def test_a_store_that_is_down_is_told_and_works_once_it_is_back(place: Place) -> None:
    listed = place.put("a.csv", b"content")
    calls: list[Callable[[], Any]] = [
        lambda: place.read(listed),
        lambda: list(place.store.list(place.prefix)),
        lambda: place.store.stat(listed.uri),
        lambda: place.store.remove(listed.uri, listed.version),
        lambda: place.store.move(listed.uri, listed.version, listed.uri + "2"),
    ]
    with place.aws.down():
        for call in calls:
            with pytest.raises(StoreUnavailable):
                call()
    assert place.read(listed) == b"content"


REFUSED = [
    ("InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"),
    ("SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY"),
    ("ExpiredToken", "sign in again"),
    ("InvalidToken", "AWS_SESSION_TOKEN"),
    ("RequestTimeTooSkewed", "clock"),
    ("AccessDenied", "the right s3:"),
    ("PermanentRedirect", "`region`"),
]


@pytest.mark.parametrize(("code", "cure"), REFUSED)
def test_a_refusal_tells_the_cure_and_ends_with_it(place: Place, code: str, cure: str) -> None:
    listed = place.put("a.csv", b"content")
    with place.aws.failing(403, code):
        with pytest.raises(StoreRefused, match=cure) as raised:
            list(place.store.list(place.prefix))
        assert code in str(raised.value)
        with pytest.raises(StoreRefused, match=cure):
            place.read(listed)
    assert place.read(listed) == b"content"


def test_a_denial_names_the_right_that_is_missing(place: Place) -> None:
    listed = place.put("a.csv")
    with place.aws.failing(403, "AccessDenied"):
        with pytest.raises(StoreRefused, match="s3:ListBucket,"):
            list(place.store.list(place.prefix))
        with pytest.raises(StoreRefused, match=r"s3:GetObject \(and"):
            place.read(listed)
        with pytest.raises(StoreRefused, match=r"s3:GetObject \(and s3:ListBucket"):
            place.store.stat(listed.uri)
    with place.aws.failing(403, "AccessDenied", "DeleteObject"), pytest.raises(StoreRefused, match="s3:DeleteObject,"):
        place.store.remove(listed.uri, listed.version)
    with place.aws.failing(403, "AccessDenied", "CopyObject"), pytest.raises(StoreRefused, match="s3:PutObject"):
        place.store.move(listed.uri, listed.version, listed.uri + "2")


def test_who_may_list_and_read_one_prefix_alone_finds_there_what_is_there_and_nothing_else(place: Place) -> None:
    listed = place.put("a.csv", b"content")
    with place.aws.faulty(only_below("in/")):
        assert list(place.store.list(place.prefix)) == [listed]
        assert (place.read(listed), place.store.stat(listed.uri)) == (b"content", listed)
        assert place.store.stat(place.prefix + "b.csv") is None
        with pytest.raises(VersionVanished):
            place.read(Listed(place.prefix + "b.csv", "etag-1", 1, listed.modified_at))


def test_an_empty_prefix_is_empty_also_for_who_may_list_nothing_else(place: Place) -> None:
    client = s3_client.client(place.access)
    place.aws.forget()
    with place.aws.faulty(only_below("in/")):
        assert list(place.store.list(place.prefix[:-1])) == []
    assert place.counts() == {"ListObjectsV2": 1, "HeadObject": 1}
    place.aws.forget()
    assert list(place.store.list(place.prefix)) == []
    assert place.counts() == {"ListObjectsV2": 1}
    assert s3_client.client(place.access) is client


def test_a_denial_of_one_object_alone_is_that_objects(place: Place) -> None:
    secret, _ = place.put("secret.csv"), place.put("zero.csv", b"")
    place.put("open.csv")

    def deny(wanted: Any, environ: Any, start_response: Any) -> Any:
        if wanted.operation != "GetObject" or "secret" not in wanted.path:
            return None
        start_response("403 AccessDenied", [("Content-Type", "application/xml")])
        return [b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>"]

    with place.aws.faulty(deny), pytest.raises(Unreadable, match="not to others beside it"):
        place.read(secret)


def test_new_keys_in_the_environment_are_used_after_a_refusal(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = place.put("a.csv", b"content")
    with place.aws.failing(403, "ExpiredToken"), pytest.raises(StoreRefused):
        place.read(listed)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "renewed")
    assert place.read(listed) == b"content"
    assert "Credential=renewed/" in place.aws.requests[-1].headers["authorization"]


def test_missing_credentials_are_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    store = S3Store(S3Access(endpoint=place.aws.endpoint, region="us-east-1"))
    with pytest.raises(StoreRefused, match=r"anonymous = true"):
        list(store.list(place.prefix))


def test_a_profile_that_is_not_there_is_told(place: Place) -> None:
    store = S3Store(S3Access(endpoint=place.aws.endpoint, profile="nobody"))
    for call in (lambda: list(store.list(place.prefix)), lambda: store.stat(place.prefix + "a")):
        with pytest.raises(StoreRefused, match="`profile` in"):
            call()


def test_a_missing_bucket_is_told_with_the_way_out(place: Place) -> None:
    with pytest.raises(PrefixMissing, match="bucket does not exist: create it"):
        list(place.store.list("s3://no-such-bucket/in/"))
    with pytest.raises(PrefixMissing), place.store.open("s3://no-such-bucket/a", "etag-1"):
        pass
    with pytest.raises(BadUri, match="Invalid bucket name"):
        list(place.store.list("s3://no such bucket/in/"))
    assert place.store.stat("s3://no-such-bucket/a") is None


def test_an_archived_object_is_told_with_the_way_out(place: Place) -> None:
    listed = place.put("a.csv")
    with place.aws.failing(403, "InvalidObjectState"), pytest.raises(Unreadable, match="restore it"):
        place.read(listed)


def test_a_range_that_the_store_did_not_heed_is_not_taken(place: Place) -> None:
    listed = place.put("a.csv", b"0123456789")

    def whole(wanted: Any, environ: Any, start_response: Any) -> Any:
        environ.pop("HTTP_RANGE", None)

    with place.aws.faulty(whole), pytest.raises(StoreUnavailable, match="10 bytes came where 3 were asked for"):
        place.read(listed, 2, 5)


def test_a_store_that_knows_no_conditions_serves_no_other_version(place: Place) -> None:
    first = place.put("a.csv", b"first")
    second = place.put("a.csv", b"second")

    def unconditional(wanted: Any, environ: Any, start_response: Any) -> Any:
        environ.pop("HTTP_IF_MATCH", None)

    with place.aws.faulty(unconditional):
        with pytest.raises(VersionChanged) as raised:
            place.read(first)
        assert raised.value.found == second.version
        assert not place.store.remove(first.uri, first.version)
    assert place.read(second) == b"second"


def test_aws_itself_removes_by_one_conditional_request(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    first = place.put("a.csv", b"first")
    second = place.put("a.csv", b"second")
    monkeypatch.setenv("AWS_ENDPOINT_URL", place.aws.endpoint)
    store = S3Store(S3Access())
    assert not store.remove(first.uri, first.version)
    assert store.remove(second.uri, second.version)
    assert place.counts() == {"DeleteObject": 2}
    with pytest.raises(VersionVanished):
        place.read(second)


def test_an_object_is_not_moved_onto_itself(place: Place) -> None:
    listed = place.put("a.csv")
    with pytest.raises(BadUri, match="onto itself"):
        place.store.move(listed.uri, listed.version, "s3a" + listed.uri.removeprefix("s3"))
    assert place.store.stat(listed.uri) == listed


def test_an_object_is_moved_to_another_bucket_without_its_bytes_coming_here(place: Place) -> None:
    listed, to = place.put("a.csv", b"content"), f"s3://{place.aws.bucket()}/archive/a b+c.csv"
    place.aws.forget()
    assert place.store.move(listed.uri, listed.version, to)
    assert "GetObject" not in place.counts()
    moved = place.store.stat(to)
    assert moved is not None
    assert place.read(moved) == b"content"


def test_a_version_behind_a_delete_marker_is_gone(place: Place) -> None:
    place.s3.put_bucket_versioning(Bucket=place.bucket, VersioningConfiguration={"Status": "Enabled"})
    listed = place.put("a.csv")
    assert place.store.remove(listed.uri, listed.version)
    assert (place.store.stat(listed.uri), list(place.store.list(place.prefix))) == (None, [])
    with pytest.raises(VersionVanished):
        place.read(listed)


def test_forked_processes_make_clients_of_their_own(place: Place) -> None:
    listed = place.put("a.csv", b"content")
    assert place.read(listed) == b"content"
    frozen = pickle.dumps(Stores(Access(s3=place.access)))
    with ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as processes:
        assert list(processes.map(_read_elsewhere, [(frozen, listed)] * 4)) == [b"content"] * 4


def _read_elsewhere(what: tuple[bytes, Listed]) -> bytes:
    stores, listed = pickle.loads(what[0]), what[1]
    with stores.of(listed.uri).open(listed.uri, listed.version) as stream:
        content: bytes = stream.read()
    return content
