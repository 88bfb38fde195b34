"""Cloud Storage as a store, beyond what every store promises: how often it is asked, what it refuses, how it fails."""

import gzip
import multiprocessing
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC
from pathlib import Path

import pytest
from google.auth.exceptions import DefaultCredentialsError

from tests.clouds.fake_gcs import FakeGcs
from triggers.errors import BadUri, PrefixMissing, StoreRefused, StoreUnavailable, VersionChanged
from triggers.stores.access import GcsAccess
from triggers.stores.gcs import GcsStore
from triggers.stores.gcs_errors import translated
from triggers.stores.gcs_names import folder, named
from triggers.stores.port import Listed, dated


class Place:
    """A bucket and the store on it."""

    def __init__(self, gcs: FakeGcs) -> None:
        self.gcs, self.bucket = gcs, gcs.bucket()
        self.store = GcsStore(GcsAccess(endpoint=gcs.endpoint, anonymous=True), patience=0.3)
        self.prefix = f"gs://{self.bucket.name}/in/"

    def put(self, name: str, content: bytes = b"x") -> Listed:
        self.bucket.blob(f"in/{name}").upload_from_string(content)
        found = self.store.stat(self.prefix + name)
        assert found is not None
        self.gcs.forget()
        return found

    def read(self, listed: Listed, *cut: int) -> bytes:
        with self.store.open(listed.uri, listed.version, *cut) as stream:
            return stream.read()


@pytest.fixture
def place(gcs: FakeGcs) -> Place:
    return Place(gcs)


def test_a_small_file_is_one_request(place: Place) -> None:
    listed = place.put("a.csv", b"content")
    assert place.read(listed) == b"content"
    assert place.gcs.counts() == {"GET": 1}


def test_a_range_is_one_request(place: Place) -> None:
    assert place.read(place.put("a.csv", b"content"), 2, 4) == b"nt"
    assert place.gcs.counts() == {"GET": 1}


def test_1_000_objects_are_one_listing(place: Place) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: place.bucket.blob(f"in/{n:04}").upload_from_string(b""), range(1_001)))
    place.gcs.forget()
    listing = place.store.list(place.prefix)
    assert next(listing).uri == place.prefix + "0000"
    assert place.gcs.counts() == {"LIST": 1}, place.gcs.requests
    assert len(list(listing)) == 1_000
    assert place.gcs.counts() == {"LIST": 2}
    list(place.store.list(place.prefix, place.prefix + "0500"))
    assert place.gcs.counts() == {"LIST": 3}


def test_a_version_is_its_generation_and_has_one_time(place: Place) -> None:
    listed = place.put("a.csv")
    assert listed.version == str(place.bucket.get_blob("in/a.csv").generation)
    assert list(place.store.list(place.prefix)) == [listed]
    assert (listed.modified_at.tzinfo, listed.modified_at.microsecond) == (UTC, 0)
    with place.store.open(listed.uri, listed.version) as stream:
        assert dated(stream) == listed.modified_at


def test_what_is_stored_packed_is_read_packed(place: Place) -> None:
    packed = gzip.compress(b"id,price\n" * 100)
    blob = place.bucket.blob("in/a.csv")
    blob.content_encoding = "gzip"
    blob.upload_from_string(packed, content_type="text/csv")
    (listed,) = place.store.list(place.prefix)
    assert listed.size == len(packed)
    assert place.read(listed) == packed
    assert place.read(listed, 3, 20) == packed[3:20]


def test_a_body_that_is_cut_is_never_the_end(place: Place) -> None:
    listed = place.put("a.csv", b"x" * 100_000)
    with place.gcs.cutting(50_000), pytest.raises(StoreUnavailable):
        place.read(listed)
    assert place.read(listed) == b"x" * 100_000


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_passes_by_itself_is_asked_again_by_the_clients_own_policy(place: Place, status: int) -> None:
    store = GcsStore(place.store.access, patience=30)
    listed = place.put("a.csv")
    with place.gcs.failing(status, times=1), store.open(listed.uri, listed.version) as stream:
        assert stream.read() == b"x"
    assert place.gcs.counts() == {"GET": 2}


def test_a_store_that_fails_for_long_is_unavailable(place: Place) -> None:
    listed = place.put("a.csv")
    calls: list[Callable[[], object]] = [
        lambda: place.read(listed),
        lambda: place.store.stat(listed.uri),
        lambda: list(place.store.list(place.prefix)),
        lambda: place.store.remove(listed.uri, listed.version),
    ]
    with place.gcs.failing(503):
        for call in calls:
            with pytest.raises(StoreUnavailable):
                call()
    assert place.read(listed) == b"x"


def test_nobody_answers(place: Place) -> None:
    store = GcsStore(GcsAccess(endpoint="http://127.0.0.1:1", anonymous=True), patience=0.3)
    with pytest.raises(StoreUnavailable):
        store.stat("gs://bucket/a.csv")


@pytest.mark.parametrize(("status", "told"), [(403, "storage.objects.get"), (401, "gcloud auth")])
def test_a_refusal_tells_the_way_out_and_ends_with_it(place: Place, status: int, told: str) -> None:
    listed = place.put("a.csv")
    with place.gcs.failing(status), pytest.raises(StoreRefused, match=told):
        place.read(listed)
    assert place.read(listed) == b"x"


def test_an_empty_prefix_is_empty_also_for_who_may_not_look_at_its_own_name(place: Place) -> None:
    with place.gcs.failing(403, "STAT"):
        assert list(place.store.list(place.prefix[:-1])) == []
    assert place.gcs.counts() == {"LIST": 1, "STAT": 1}
    assert list(place.store.list(place.prefix)) == []
    assert place.gcs.counts() == {"LIST": 2, "STAT": 1}


def test_a_listing_that_is_refused_names_its_right(place: Place) -> None:
    with place.gcs.failing(403, "LIST"), pytest.raises(StoreRefused, match=r"storage\.objects\.list"):
        list(place.store.list(place.prefix))


def test_missing_credentials_tell_where_they_are_looked_for() -> None:
    told = translated("gs://b/a", DefaultCredentialsError("none found"), "storage.objects.get")  # type: ignore[no-untyped-call]
    assert isinstance(told, StoreRefused)
    assert "GOOGLE_APPLICATION_CREDENTIALS" in str(told)


def test_a_bucket_that_is_not_there_is_told(place: Place) -> None:
    with pytest.raises(PrefixMissing, match="the bucket does not exist"):
        list(place.store.list("gs://no-such-bucket/in/"))
    listed = place.put("a.csv")
    with pytest.raises(PrefixMissing, match="gs://no-such-bucket/a"):
        place.store.move(listed.uri, listed.version, "gs://no-such-bucket/a.csv")


def test_a_folders_marker_is_no_object(place: Place) -> None:
    place.bucket.blob("in/").upload_from_string(b"")
    place.bucket.blob("in/sub/").upload_from_string(b"")
    assert list(place.store.list(place.prefix)) == []
    assert place.store.stat(place.prefix) is None


def test_a_prefix_that_is_the_name_of_an_object_lists_it(place: Place) -> None:
    listed = place.put("a.csv")
    assert list(place.store.list(listed.uri)) == [listed]


def test_names_are_read_from_uris() -> None:
    assert named("gs://b/a%20//b#c") == ("b", "a%20//b#c")
    assert folder("gs://b/trades") == folder("gs://b/trades/") == ("b", "trades/")
    assert folder("gs://b") == ("b", "")
    for wrong in ("s3://b/a", "gs:///a", "gs:b"):
        with pytest.raises(BadUri):
            named(wrong)


def test_an_object_is_not_moved_onto_itself(place: Place) -> None:
    listed = place.put("a.csv")
    with pytest.raises(BadUri):
        place.store.move(listed.uri, listed.version, listed.uri)


def test_a_version_of_another_store_is_none_here(place: Place) -> None:
    listed = place.put("a.csv")
    with pytest.raises(VersionChanged), place.store.open(listed.uri, "d41d8cd9-7"):
        pass
    assert not place.store.remove(listed.uri, "d41d8cd9-7")


def _read(task: bytes) -> bytes:
    store, listed = pickle.loads(task)
    with store.open(listed.uri, listed.version) as stream:
        return bytes(stream.read())


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_forked_task_has_a_client_of_its_own(place: Place) -> None:
    listed = place.put("a.csv", b"content")
    assert place.read(listed) == b"content"
    with ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as tasks:
        task = pickle.dumps((place.store, listed))
        assert list(tasks.map(_read, [task] * 8)) == [b"content"] * 8
    assert place.read(listed) == b"content"


def test_the_servers_files_are_in_a_folder_that_goes_with_it(tmp_path: Path) -> None:
    with FakeGcs() as server:
        bucket = server.bucket()
        bucket.blob("a b+c%20#?é🚀.csv").upload_from_string(b"content")
        store = GcsStore(GcsAccess(endpoint=server.endpoint, anonymous=True))
        (listed,) = store.list(f"gs://{bucket.name}/")
        with store.open(listed.uri, listed.version) as stream:
            assert (listed.uri, stream.read()) == (f"gs://{bucket.name}/a b+c%20#?é🚀.csv", b"content")
        kept = server.folder
        assert kept.exists()
    assert not kept.exists()
