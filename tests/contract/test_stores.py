"""What every store promises. A store joins by an entry in SUBJECTS."""

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from streaming.through_spark import ThroughSpark
from triggers.errors import PrefixMissing, VersionChanged, VersionVanished
from triggers.stores import Listed, Stores
from triggers.stores.access import Access, GcsAccess, S3Access
from triggers.stores.local import uri_of
from triggers.stores.members import MemberStore
from triggers.stores.port import ClearableStore

if TYPE_CHECKING:
    from tests.clouds.azurite import Azurite
    from tests.clouds.fake_gcs import FakeGcs
    from tests.clouds.moto_server import MotoServer
    from tests.clouds.versitygw import Versitygw


class Subject(Protocol):
    """A store under test, and a way past it to make and remove objects."""

    store: ClearableStore
    prefix: str
    missing: str  # a prefix of which the store can tell that it is not there
    has_folders: bool  # a name cannot be an object and a folder of others at once
    only_reads: bool  # it neither removes nor moves, and sees no files without bytes

    def holds(self, key: str) -> bool: ...

    def put(self, key: str, content: bytes) -> str: ...

    def fill(self, keys: list[str]) -> list[str]: ...

    def delete(self, key: str) -> None: ...


Start = Callable[[pytest.FixtureRequest], Subject]


class LocalSubject:
    has_folders, only_reads = True, False

    def __init__(self, request: pytest.FixtureRequest) -> None:
        folder: Path = request.getfixturevalue("tmp_path") / "prefix"
        folder.mkdir()
        self.store, self.prefix, self._folder = Stores().of("file:///"), uri_of(folder) + "/", folder
        self.missing = uri_of(folder / "missing")

    def holds(self, key: str) -> bool:
        return True

    def put(self, key: str, content: bytes) -> str:
        path = self._folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return self.prefix + key

    def fill(self, keys: list[str]) -> list[str]:
        return [self.put(key, b"x") for key in keys]

    def delete(self, key: str) -> None:
        (self._folder / key).unlink()


class MembersSubject(LocalSubject):
    """A store that looks for archives too holds files as any other, also those with a `!` in their name."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        super().__init__(request)
        self.store = Stores().of("file:///a.zip!b")


class SparkSubject(LocalSubject):
    """A disk, seen through Spark as everything that only Spark can reach."""

    only_reads = True

    def __init__(self, request: pytest.FixtureRequest) -> None:
        super().__init__(request)
        request.getfixturevalue("spark")
        self.store = Stores(reader=ThroughSpark()).of("file:///")


class S3Subject:
    has_folders, only_reads = False, False

    def __init__(self, request: pytest.FixtureRequest) -> None:
        aws: MotoServer = request.getfixturevalue("aws")
        self._over(aws, aws.client("s3"))

    def _over(self, server: "MotoServer | Versitygw", client: Any) -> None:
        self._server, self._bucket, self._s3 = server, server.bucket(), client
        self.prefix, self.missing = f"s3://{self._bucket}/pre fix/", "s3://no-such-bucket/prefix/"
        self.store = Stores(Access(s3=S3Access(endpoint=server.endpoint))).of(self.prefix)

    def holds(self, key: str) -> bool:
        return True

    def put(self, key: str, content: bytes) -> str:
        self._s3.put_object(Bucket=self._bucket, Key=f"pre fix/{key}", Body=content)
        return self.prefix + key

    def fill(self, keys: list[str]) -> list[str]:
        self._server.fill(self._bucket, [f"pre fix/{key}" for key in keys])
        return [self.prefix + key for key in keys]

    def delete(self, key: str) -> None:
        self._s3.delete_object(Bucket=self._bucket, Key=f"pre fix/{key}")


class VersitygwSubject(S3Subject):
    """S3 as a server of another make has it, whose buckets are folders of a disk."""

    has_folders = True

    def __init__(self, request: pytest.FixtureRequest) -> None:
        server: Versitygw = request.getfixturevalue("versitygw")
        self._over(server, server.client)


class AzureSubject:
    has_folders, only_reads = False, False

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._azure: Azurite = request.getfixturevalue("azure")
        self._container = self._azure.container()
        self.prefix: str = self._azure.prefix(self._container, "pre fix/")
        self.missing = f"abfss://no-such-container@{self._azure.account}.dfs.core.windows.net/prefix/"
        self.store = Stores(Access(azure=self._azure.access)).of(self.prefix)

    def holds(self, key: str) -> bool:
        # Azure, and every client of it, makes these another name.
        return "\\" not in key and not {".", ".."} & set(key.split("/"))

    def put(self, key: str, content: bytes) -> str:
        self._container.upload_blob(f"pre fix/{key}", content, overwrite=True)
        return self.prefix + key

    def fill(self, keys: list[str]) -> list[str]:
        self._azure.fill(self._container, [f"pre fix/{key}" for key in keys])
        return [self.prefix + key for key in keys]

    def delete(self, key: str) -> None:
        self._container.delete_blob(f"pre fix/{key}")


class GcsSubject:
    has_folders, only_reads = False, False

    def __init__(self, request: pytest.FixtureRequest) -> None:
        # Thousands of objects: the shared server holds them in memory, where each upload is slower than the one before.
        many = request.node.get_closest_marker("slow") is not None
        self._gcs: FakeGcs = request.getfixturevalue("gcs_on_disk" if many else "gcs")
        self._bucket = self._gcs.bucket()
        self.prefix, self.missing = f"gs://{self._bucket.name}/pre fix/", "gs://no-such-bucket/prefix/"
        self.store = Stores(Access(gcs=GcsAccess(endpoint=self._gcs.endpoint, anonymous=True))).of(self.prefix)

    def holds(self, key: str) -> bool:
        # Google refuses line ends in names; the stand-in would take them.
        return not {"\r", "\n"} & set(key)

    def put(self, key: str, content: bytes) -> str:
        self._bucket.blob(f"pre fix/{key}").upload_from_string(content)
        return self.prefix + key

    def fill(self, keys: list[str]) -> list[str]:
        self._gcs.fill(self._bucket, [f"pre fix/{key}" for key in keys])
        return [self.prefix + key for key in keys]

    def delete(self, key: str) -> None:
        self._bucket.blob(f"pre fix/{key}").delete()


SUBJECTS: dict[str, Start] = {
    "local": LocalSubject,
    "members": MembersSubject,
    "spark": SparkSubject,
    "s3": S3Subject,
    "versitygw": VersitygwSubject,
    "azure": AzureSubject,
    "gcs": GcsSubject,
}

ONLY_READS = "Spark only reads"
KEYS = [
    "plain.csv",
    "with blanks  two.csv",
    " leading and trailing ",
    "plus+plus.csv",
    "percent%20%2F%.csv",
    "hash#fragment?query=1&b.csv",
    "quotes'\"`.csv",
    "back\\slash.csv",
    "é and é.csv",
    "emoji 🚀.csv",
    "line\nbreak\ttab.csv",
    "star*[a]{b}.csv",
    "bang!.csv",
    "a.zip!b/c!d.csv",
    "date=2026-01-02/part.csv",
    "a",
    "a.csv",
    "a-/b",
    "ab/b",
    "ab/b.c/d",
    "ab0",
    "\uffee after the surrogates in UTF-16",
    "/".join(["n" * 200] * 4 + ["m" * 190]),
]


#: A job for each look; a server that takes a minute to build, and shows that a port is not fitted to one stand-in.
SLOW = dict.fromkeys(["spark", "versitygw"], (pytest.mark.slow, pytest.mark.timeout(900)))


@pytest.fixture(params=[pytest.param(name, marks=SLOW.get(name, ())) for name in SUBJECTS])
def subject(request: pytest.FixtureRequest) -> Subject:
    return SUBJECTS[request.param](request)


def stat(subject: Subject, uri: str) -> Listed:
    found = subject.store.stat(uri)
    assert found is not None
    return found


def read(subject: Subject, uri: str, version: str, start: int = 0, end: int | None = None) -> bytes:
    with subject.store.open(uri, version, start, end) as stream:
        return stream.read()


def test_every_key_is_listed_raw_and_once_and_in_the_order_of_its_bytes(subject: Subject) -> None:
    uris = [subject.put(key, key.encode()) for key in KEYS if subject.holds(key)]
    listed = [one.uri for one in subject.store.list(subject.prefix)]
    assert listed == sorted(uris, key=str.encode)


@pytest.mark.parametrize("key", KEYS)
def test_what_is_listed_can_be_looked_at_and_opened(subject: Subject, key: str) -> None:
    if not subject.holds(key):
        pytest.skip("this store has no such names")
    uri = subject.put(key, f"content of {key}".encode())
    (listed,) = subject.store.list(subject.prefix)
    assert listed == stat(subject, uri)
    assert listed.size == len(f"content of {key}".encode())
    assert listed.modified_at.utcoffset() is not None
    assert read(subject, listed.uri, listed.version) == f"content of {key}".encode()


def test_a_listing_goes_on_after_any_of_its_uris(subject: Subject) -> None:
    for key in filter(subject.holds, KEYS):
        subject.put(key, b"x")
    whole = [one.uri for one in subject.store.list(subject.prefix)]
    for place, uri in enumerate(whole):
        assert [one.uri for one in subject.store.list(subject.prefix, uri)] == whole[place + 1 :]


def test_a_listing_goes_on_after_a_name_that_was_never_there(subject: Subject) -> None:
    uris = [subject.put(key, b"x") for key in ("2026/01/a.csv", "2026/02/a.csv", "2026/03/a.csv")]
    after = subject.prefix + "2026/02/"
    assert [one.uri for one in subject.store.list(subject.prefix, after)] == uris[1:]


def test_a_prefix_is_a_folder_and_not_the_beginning_of_a_name(subject: Subject) -> None:
    uri = subject.put("in/a.csv", b"x")
    subject.put("in2/a.csv", b"x")
    assert [one.uri for one in subject.store.list(subject.prefix + "in/")] == [uri]


def test_a_name_may_be_an_object_and_the_beginning_of_others(subject: Subject) -> None:
    if subject.has_folders:
        pytest.skip("this store has folders: `a` and `a/b` cannot both be there")
    uris = [subject.put(key, b"x") for key in ("a", "a!", "a/", "a/b", "a0")]
    assert [one.uri for one in subject.store.list(subject.prefix)] == uris
    assert [read(subject, one.uri, one.version) for one in subject.store.list(subject.prefix)] == [b"x"] * 5


def test_a_folders_marker_is_no_file(subject: Subject) -> None:
    if subject.has_folders:
        pytest.skip("this store has folders, and needs no markers for them")
    subject.put("folder/", b"")
    uri = subject.put("folder/a.csv", b"x")
    assert [one.uri for one in subject.store.list(subject.prefix)] == [uri]
    assert subject.store.stat(subject.prefix + "folder/") is None


@pytest.mark.parametrize("key", ["a//b", "//", "../x", "x/../../y", "./z", "z/.", "/rooted", "a!//b", "../a!b"])
def test_where_there_are_no_folders_a_key_is_just_its_bytes(subject: Subject, key: str) -> None:
    if subject.has_folders:
        pytest.skip("on a disk `..` and `//` lead somewhere")
    if not subject.holds(key):
        pytest.skip("this store has no such names")
    uri = subject.put(key, key.encode())
    (listed,) = subject.store.list(subject.prefix)
    assert listed == stat(subject, uri)
    assert read(subject, uri, listed.version) == key.encode()


def test_a_prefix_may_be_the_name_of_one_file(subject: Subject) -> None:
    uri = subject.put("in/a.csv", b"x")
    subject.put("in/a.csv2", b"x")
    assert [one.uri for one in subject.store.list(uri)] == [uri]


def test_a_place_that_is_not_there_is_told(subject: Subject) -> None:
    with pytest.raises(PrefixMissing) as raised:
        list(subject.store.list(subject.missing))
    assert subject.missing in str(raised.value)


def test_an_empty_prefix_lists_nothing(subject: Subject) -> None:
    assert list(subject.store.list(subject.prefix)) == []


def test_what_is_not_there_has_no_stat(subject: Subject) -> None:
    subject.put("a.csv", b"x")
    assert subject.store.stat(subject.prefix + "b.csv") is None
    assert subject.store.stat(subject.prefix + "a.csv/b.csv") is None
    assert subject.store.stat(subject.prefix + "no/such/folder.csv") is None


def test_a_folder_is_no_object(subject: Subject) -> None:
    subject.put("folder/a.csv", b"x")
    assert subject.store.stat(subject.prefix + "folder") is None


def test_an_object_of_no_bytes_is_an_object(subject: Subject) -> None:
    if subject.only_reads:
        pytest.skip("Spark's file source passes over files without bytes")
    uri = subject.put("empty.csv", b"")
    (listed,) = subject.store.list(subject.prefix)
    assert (listed.uri, listed.size) == (uri, 0)
    assert read(subject, uri, listed.version) == b""
    assert read(subject, uri, listed.version, 0, 10) == b""


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, None, b"0123456789"),
        (0, 10, b"0123456789"),
        (0, 1, b"0"),
        (3, 7, b"3456"),
        (9, 10, b"9"),
        (4, None, b"456789"),
        (5, 5, b""),
        (8, 100, b"89"),
        (10, None, b""),
        (10, 20, b""),
        (50, 60, b""),
    ],
)
def test_a_range_is_its_bytes_and_no_others(subject: Subject, start: int, end: int | None, expected: bytes) -> None:
    uri = subject.put("digits", b"0123456789")
    assert read(subject, uri, stat(subject, uri).version, start, end) == expected


def test_ranges_put_together_are_the_object(subject: Subject) -> None:
    content = bytes(range(256)) * 5_000
    uri = subject.put("large", content)
    version, cuts = stat(subject, uri).version, [0, 1, 65_536, 300_001, 1_279_999, len(content)]
    parts = [read(subject, uri, version, *cut) for cut in pairwise(cuts)]
    assert b"".join(parts) == content


def test_a_range_is_read_in_small_steps_as_well(subject: Subject) -> None:
    uri = subject.put("large", b"ab" * 500_000)
    with subject.store.open(uri, stat(subject, uri).version, 1, 999_999) as stream:
        steps = list(iter(lambda: stream.read(7_777), b""))
    assert b"".join(steps) == (b"ab" * 500_000)[1:999_999]
    assert {len(step) for step in steps[:-1]} == {7_777}


def test_other_bytes_have_another_version_and_the_old_one_cannot_be_opened(subject: Subject) -> None:
    uri = subject.put("a.csv", b"first")
    first = stat(subject, uri)
    subject.put("a.csv", b"second one")
    assert stat(subject, uri).version != first.version
    with pytest.raises(VersionChanged) as raised:
        read(subject, uri, first.version)
    assert (raised.value.uri, raised.value.version) == (uri, first.version)
    assert uri in str(raised.value)


def test_a_deleted_version_has_vanished(subject: Subject) -> None:
    uri = subject.put("a.csv", b"first")
    version = stat(subject, uri).version
    subject.delete("a.csv")
    with pytest.raises(VersionVanished) as raised:
        read(subject, uri, version)
    assert (raised.value.uri, raised.value.version) == (uri, version)


def test_bytes_replaced_while_they_are_read_never_count_unless_they_are_the_old_ones(
    subject: Subject,
) -> None:
    old, new = b"old " * 500_000, b"new " * 600_000
    uri = subject.put("a.csv", old)
    got = b""
    try:
        with subject.store.open(uri, stat(subject, uri).version) as stream:
            got = stream.read(10)
            subject.put("a.csv", new)
            got += stream.read()
    except VersionChanged:
        return
    assert got == old


def test_listed_while_objects_come_and_go_what_stays_is_listed(subject: Subject) -> None:
    stay = [subject.put(f"{n:03}/stay.csv", b"x") for n in range(20)]
    for n in range(20):
        subject.put(f"{n:03}/go.csv", b"x")
    listing, seen = subject.store.list(subject.prefix), []
    for n, one in enumerate(listing):
        seen.append(one.uri)
        if n == 3:
            for gone in range(5, 20):
                subject.delete(f"{gone:03}/go.csv")
    assert [uri for uri in seen if uri.endswith("stay.csv")] == stay


def test_what_was_listed_and_then_replaced_is_not_opened(subject: Subject) -> None:
    uri = subject.put("a.csv", b"first")
    (listed,) = subject.store.list(subject.prefix)
    subject.put("a.csv", b"second one")
    with pytest.raises(VersionChanged) as raised:
        read(subject, uri, listed.version, 1, 3)
    assert raised.value.found == stat(subject, uri).version


def test_a_version_of_another_kind_is_no_version_here(subject: Subject) -> None:
    uri = subject.put("a.csv", b"first")
    with pytest.raises(VersionChanged):
        read(subject, uri, "1764074321123456")


def test_a_range_without_bytes_is_still_of_this_version(subject: Subject) -> None:
    uri = subject.put("a.csv", b"first")
    version = stat(subject, uri).version
    subject.put("a.csv", b"second one")
    with pytest.raises(VersionChanged):
        read(subject, uri, version, 3, 3)
    subject.delete("a.csv")
    with pytest.raises(VersionVanished):
        read(subject, uri, version, 3, 3)


def test_an_error_of_the_reader_stays_its_own(subject: Subject) -> None:
    uri = subject.put("a.csv", b"first")
    with pytest.raises(OSError, match="the reader's"), subject.store.open(uri, stat(subject, uri).version):
        raise OSError("the reader's")


def test_a_version_is_removed_and_no_other(subject: Subject) -> None:
    if subject.only_reads:
        pytest.skip(ONLY_READS)
    uri = subject.put("a.csv", b"first")
    first = stat(subject, uri).version
    subject.put("a.csv", b"second one")
    second = stat(subject, uri).version
    assert not subject.store.remove(uri, first)
    assert read(subject, uri, second) == b"second one"
    assert subject.store.remove(uri, second)
    assert subject.store.stat(uri) is None
    assert not subject.store.remove(uri, second)


@pytest.mark.parametrize("key", KEYS)
def test_whatever_its_name_a_file_is_moved_and_removed(subject: Subject, key: str) -> None:
    if not subject.holds(key):
        pytest.skip("this store has no such names")
    if subject.only_reads:
        pytest.skip(ONLY_READS)
    uri, to = subject.put(key, b"content"), subject.prefix[:-1] + " archive/" + key
    assert subject.store.move(uri, stat(subject, uri).version, to)
    assert subject.store.stat(uri) is None
    moved = stat(subject, to).version
    assert read(subject, to, moved) == b"content"
    assert subject.store.remove(to, moved)
    assert list(subject.store.list(subject.prefix[:-1] + " archive/")) == []


def test_a_version_that_is_there_no_more_is_not_moved(subject: Subject) -> None:
    if subject.only_reads:
        pytest.skip(ONLY_READS)
    uri, to = subject.put("a.csv", b"first"), subject.prefix + "archive/a.csv"
    first = stat(subject, uri).version
    subject.put("a.csv", b"second one")
    assert not subject.store.move(uri, first, to)
    assert subject.store.stat(to) is None
    assert stat(subject, uri).size == len(b"second one")
    subject.delete("a.csv")
    assert not subject.store.move(uri, first, to)


def test_threads_read_at_once(subject: Subject) -> None:
    contents = {subject.put(f"{n}.csv", bytes([n]) * 100_000): bytes([n]) * 100_000 for n in range(32)}
    versions = {one.uri: one.version for one in subject.store.list(subject.prefix)}
    with ThreadPoolExecutor(16) as threads:
        got = threads.map(lambda uri: (uri, read(subject, uri, versions[uri])), contents)
        assert dict(got) == contents


def test_a_task_reads_with_a_store_that_was_pickled(subject: Subject) -> None:
    uri = subject.put("a.csv", b"first")
    version = stat(subject, uri).version
    if isinstance(store := subject.store, MemberStore):
        store = store.store  # what crosses is `Stores`, which makes it anew there
    with pickle.loads(pickle.dumps(store)).open(uri, version) as stream:
        assert stream.read() == b"first"


@pytest.mark.slow(30)
@pytest.mark.timeout(900)  # Azurite takes 4 ms and more for each
def test_20_000_objects_are_listed_in_order_and_again_from_the_middle(subject: Subject) -> None:
    names = sorted((f"{n % 7}/{n}-é{n * 7919 % 20_000}.csv" for n in range(20_000)), key=str.encode)
    uris = subject.fill(names)
    assert [one.uri for one in subject.store.list(subject.prefix)] == uris
    assert [one.uri for one in subject.store.list(subject.prefix, uris[12_345])] == uris[12_346:]
