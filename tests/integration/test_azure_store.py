"""What Azure has beside every store: ETags, folders, copies, credentials, and requests that cost money."""

import multiprocessing
from collections.abc import Callable
from typing import Any

import pytest
from azure.identity import DefaultAzureCredential
from azure.storage.blob import ContainerClient

from tests.clouds.azure_environment import ACCOUNT, KEY, VARIABLE
from tests.clouds.azurite import Azurite
from tests.clouds.doorway import Answered, Asked
from triggers.errors import (
    BadUri,
    PrefixMissing,
    StoreRefused,
    StoreUnavailable,
    Unreadable,
    VersionChanged,
    VersionVanished,
)
from triggers.stores import Stores, azure_clients
from triggers.stores.access import Access, AzureAccess
from triggers.stores.azure import AzureStore
from triggers.stores.azure_names import place_of
from triggers.stores.port import Listed, dated

MiB = 1024 * 1024


@pytest.fixture
def container(azure: Azurite) -> ContainerClient:
    return azure.container()


@pytest.fixture
def store(azure: Azurite) -> AzureStore:
    return AzureStore(azure.access)


@pytest.fixture
def put(azure: Azurite, container: ContainerClient, store: AzureStore) -> Callable[..., Listed]:
    def put_one(name: str, content: bytes = b"content", **more: Any) -> Listed:
        container.upload_blob(name, content, overwrite=True, **more)
        found = store.stat(azure.prefix(container, name))
        assert found is not None
        azure.blobs.forget()
        return found

    return put_one


def read(store: AzureStore, listed: Listed, start: int = 0, end: int | None = None) -> bytes:
    with store.open(listed.uri, listed.version, start, end) as stream:
        return stream.read()


def test_a_small_file_is_one_request_and_its_time_is_the_stores(
    azure: Azurite, store: AzureStore, put: Callable[..., Listed]
) -> None:
    listed = put("a.csv")
    with store.open(listed.uri, listed.version) as stream:
        assert dated(stream) == listed.modified_at
        assert stream.read() == b"content"
    assert azure.blobs.counts() == {"GetBlob": 1}


def test_a_file_without_bytes_is_one_request_too(azure: Azurite, store: AzureStore, put: Callable[..., Listed]) -> None:
    assert read(store, put("empty.csv", b"")) == b""
    assert azure.blobs.counts() == {"GetBlobProperties": 1}


def test_a_large_file_is_read_in_parts_each_of_this_version(
    azure: Azurite, container: ContainerClient, store: AzureStore, put: Callable[..., Listed]
) -> None:
    listed = put("large.csv", b"x" * (20 * MiB))
    with store.open(listed.uri, listed.version, 5) as stream:
        assert len(stream.read(MiB)) == MiB
        container.upload_blob("large.csv", b"y" * (20 * MiB), overwrite=True)
        with pytest.raises(VersionChanged):
            stream.read()
    assert azure.blobs.counts()["GetBlob"] == 2


def test_a_listing_is_one_request_for_5_000_and_a_file_needs_no_other(
    azure: Azurite, container: ContainerClient, store: AzureStore, put: Callable[..., Listed]
) -> None:
    made = [put(f"in/{n:03}.csv") for n in range(30)]
    assert list(store.list(azure.prefix(container, "in/"))) == made
    assert azure.blobs.counts() == {"ListBlobs": 1}


@pytest.mark.parametrize("spelling", ["abfs://{c}@{a}.dfs.core.windows.net/", "wasbs://{c}@{a}.blob.core.windows.net/"])
def test_whatever_the_spelling_the_uri_that_is_given_is_the_canonical_one(
    azure: Azurite, container: ContainerClient, put: Callable[..., Listed], spelling: str
) -> None:
    listed = put("in/a b.csv")
    prefix = spelling.format(c=container.container_name, a=ACCOUNT)
    store = Stores(Access(azure=azure.access)).of(prefix)
    assert list(store.list(prefix)) == [listed]
    assert store.stat(f"{prefix}in/a b.csv") == listed


def test_folders_of_hierarchical_accounts_are_no_files(
    azure: Azurite, container: ContainerClient, store: AzureStore, put: Callable[..., Listed]
) -> None:
    container.upload_blob("in/2026", b"", metadata={"hdi_isfolder": "true"})
    container.upload_blob("in/2026-old", b"", metadata={"Hdi_isfolder": "true"})
    made = [put(name) for name in ("in/2026-old/a.csv", "in/2026.csv", "in/2026/a.csv", "in/b.csv")]
    assert list(store.list(azure.prefix(container, "in/"))) == made
    assert store.stat(azure.prefix(container, "in/2026")) is None


def test_a_copy_that_is_under_way_is_not_there_yet(
    azure: Azurite, container: ContainerClient, store: AzureStore, put: Callable[..., Listed]
) -> None:
    listed, other = put("a.csv"), put("b.csv")

    def copying(asked: Asked, passed_on: Callable[[], Answered]) -> Answered | None:
        answered = passed_on()
        if asked.path.endswith("a.csv"):
            answered.headers.append(("x-ms-copy-status", "pending"))
        status = b"<CopyStatus>pending</CopyStatus></Properties>"
        answered.body = answered.body.replace(b"</Properties>", status, 1)
        return answered

    with azure.blobs.faulty(copying):
        assert list(store.list(azure.prefix(container))) == [other]
        with pytest.raises(Unreadable, match="copy"):
            store.stat(listed.uri)
    assert list(store.list(azure.prefix(container))) == [listed, other]


def test_a_container_that_is_not_there_is_told(azure: Azurite, store: AzureStore) -> None:
    missing = f"abfss://missing@{ACCOUNT}.dfs.core.windows.net/in/"
    with pytest.raises(PrefixMissing, match="missing"):
        list(store.list(missing))
    assert store.stat(missing + "a.csv") is None
    with pytest.raises(VersionVanished):
        read(store, Listed(missing + "a.csv", "0x1-7", 7, None))  # type: ignore[arg-type]


def test_a_listing_cannot_go_on_in_another_container(
    azure: Azurite, container: ContainerClient, store: AzureStore
) -> None:
    with pytest.raises(BadUri):
        list(store.list(azure.prefix(container), azure.prefix(azure.container(), "a.csv")))


@pytest.mark.parametrize("after", [0, 3])
def test_an_answer_that_breaks_off_is_never_the_end(
    azure: Azurite, store: AzureStore, put: Callable[..., Listed], after: int
) -> None:
    listed = put("a.csv")
    with azure.cutting(after), pytest.raises(StoreUnavailable):
        read(store, listed)
    assert read(store, listed) == b"content"


def test_an_answer_that_breaks_off_once_is_asked_for_again(
    azure: Azurite, store: AzureStore, put: Callable[..., Listed]
) -> None:
    listed = put("a.csv")
    with azure.cutting(3, times=1):
        assert read(store, listed) == b"content"


def test_a_store_that_is_away_is_unavailable_and_comes_back(
    azure: Azurite, container: ContainerClient, store: AzureStore, put: Callable[..., Listed]
) -> None:
    listed = put("a.csv")
    with azure.blobs.down():
        for use in (
            lambda: read(store, listed),
            lambda: store.stat(listed.uri),
            lambda: list(store.list(azure.prefix(container))),
            lambda: store.remove(listed.uri, listed.version),
        ):
            with pytest.raises(StoreUnavailable):
                use()
    assert read(store, listed) == b"content"


def test_a_server_that_is_busy_once_is_asked_again(
    azure: Azurite, store: AzureStore, put: Callable[..., Listed]
) -> None:
    listed = put("a.csv")
    with azure.failing(503, "ServerBusy", times=1):
        assert read(store, listed) == b"content"
    assert azure.blobs.counts() == {"GetBlob": 2}


@pytest.mark.parametrize("code", ["AuthenticationFailed", "AuthorizationPermissionMismatch"])
def test_credentials_that_are_refused_say_what_to_check_and_may_come_back(
    azure: Azurite, store: AzureStore, put: Callable[..., Listed], code: str
) -> None:
    listed = put("a.csv")
    with azure.failing(403, code):
        with pytest.raises(StoreRefused, match="Storage Blob Data Reader") as raised:
            read(store, listed)
        assert code in str(raised.value)
        with pytest.raises(StoreRefused, match=code):
            store.stat(listed.uri)
    assert read(store, listed) == b"content"


def test_an_empty_prefix_is_empty_also_for_who_may_not_look_at_its_own_name(
    azure: Azurite, container: ContainerClient, store: AzureStore
) -> None:
    with azure.failing(403, "AuthorizationPermissionMismatch", "GetBlobProperties"):
        assert list(store.list(azure.prefix(container, "in"))) == []
    azure.blobs.forget()
    assert list(store.list(azure.prefix(container, "in/"))) == []
    assert azure.blobs.counts() == {"ListBlobs": 1}


def test_a_file_that_alone_is_denied_is_set_aside(
    azure: Azurite, store: AzureStore, put: Callable[..., Listed]
) -> None:
    listed, other = put("in/a.csv"), put("in/b.csv")

    def deny(asked: Asked, passed_on: Callable[[], Answered]) -> Answered | None:
        if not asked.path.endswith("a.csv"):
            return None
        return Answered(403, [("x-ms-error-code", "AuthorizationPermissionMismatch")], b"")

    with azure.blobs.faulty(deny), pytest.raises(Unreadable, match="alone"):
        read(store, listed)
    assert read(store, other) == b"content"


def test_a_file_in_the_archive_tier_is_set_aside_with_the_way_out(
    azure: Azurite, store: AzureStore, put: Callable[..., Listed]
) -> None:
    listed = put("a.csv")
    with azure.failing(409, "BlobArchived", "GetBlob"), pytest.raises(Unreadable, match="rehydrate"):
        read(store, listed)


def test_a_leased_file_is_not_another_version(
    container: ContainerClient, store: AzureStore, put: Callable[..., Listed]
) -> None:
    listed = put("a.csv")
    lease = container.get_blob_client("a.csv").acquire_lease()
    with pytest.raises(Unreadable, match="Lease"):
        store.remove(listed.uri, listed.version)
    lease.release()
    assert store.remove(listed.uri, listed.version)


def test_a_source_that_changes_while_it_is_moved_stays_and_its_copy_goes(
    azure: Azurite, container: ContainerClient, store: AzureStore, put: Callable[..., Listed]
) -> None:
    listed = put("a.csv")

    def overwrite(asked: Asked, passed_on: Callable[[], Answered]) -> Answered | None:
        if asked.operation == "DeleteBlob" and asked.path.endswith("/a.csv"):
            container.upload_blob("a.csv", b"newer", overwrite=True)
        return None

    with azure.blobs.faulty(overwrite):
        assert not store.move(listed.uri, listed.version, azure.prefix(container, "archive/a.csv"))
    assert [one.size for one in store.list(azure.prefix(container))] == [len(b"newer")]


def test_a_file_is_not_moved_onto_itself_nor_to_another_account_nor_where_there_is_no_container(
    azure: Azurite, store: AzureStore, put: Callable[..., Listed]
) -> None:
    listed = put("a.csv")
    for wrong in (listed.uri, f"abfss://{place_of(listed.uri).container}@other.dfs.core.windows.net/a.csv"):
        with pytest.raises(BadUri):
            store.move(listed.uri, listed.version, wrong)
    with pytest.raises(PrefixMissing):
        store.move(listed.uri, listed.version, f"abfss://missing@{ACCOUNT}.dfs.core.windows.net/a.csv")
    assert read(store, listed) == b"content"


def test_a_name_that_is_too_long_for_azure_is_not_there(
    azure: Azurite, container: ContainerClient, store: AzureStore
) -> None:
    def refuse(asked: Asked, passed_on: Callable[[], Answered]) -> Answered:
        return Answered(400, [("x-ms-error-code", "InvalidResourceName")], b"")

    with azure.blobs.faulty(refuse):
        assert store.stat(azure.prefix(container, "n" * 1_100)) is None


def test_anonymous_access_sends_no_credentials(azure: Azurite, put: Callable[..., Listed]) -> None:
    listed = put("a.csv")
    nobody = AzureStore(AzureAccess(azure.access.endpoint, anonymous=True))
    with pytest.raises(StoreRefused, match="credentials"):
        nobody.stat(listed.uri)
    public = azure.container()
    public.set_container_access_policy({}, public_access="container")
    public.upload_blob("in/a.csv", b"content")
    (found,) = nobody.list(azure.prefix(public, "in/"))
    assert read(nobody, found) == b"content"


def test_the_connection_string_counts_for_its_own_account_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f"AccountName=acc;AccountKey={KEY};BlobEndpoint=https://blobs.example/x/")
    own, other = place_of("abfss://c-1@acc.dfs.core.windows.net/"), place_of("abfss://c-1@other.dfs.core.windows.net/")
    access = AzureAccess()
    assert azure_clients.address(access, own, "blob") == "https://blobs.example/x"
    assert azure_clients.address(access, own, "queue") == "https://acc.queue.core.windows.net"
    assert azure_clients.address(access, other, "blob") == "https://other.blob.core.windows.net"
    assert isinstance(azure_clients.credential(access, "other"), DefaultAzureCredential)
    assert not isinstance(azure_clients.credential(access, "acc"), DefaultAzureCredential)
    assert azure_clients.credential(AzureAccess(anonymous=True), "acc") is None


def test_a_signature_is_of_the_account_that_its_endpoint_names(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "BlobEndpoint=https://acc.blob.core.windows.net/;SharedAccessSignature=?sv=2026&sig=x"
    monkeypatch.setenv(VARIABLE, text)
    found = azure_clients.credential(AzureAccess(), "acc")
    assert getattr(found, "signature", None) == "sv=2026&sig=x"


@pytest.mark.parametrize(
    ("endpoint", "asked"),
    [
        ("http://127.0.0.1:10000", "http://127.0.0.1:10000/acc"),
        ("http://127.0.0.1:10000/", "http://127.0.0.1:10000/acc"),
        ("http://127.0.0.1:10000/acc", "http://127.0.0.1:10000/acc"),
        ("https://acc.blob.internal.example", "https://acc.blob.internal.example"),
        ("https://gateway.example/azure", "https://gateway.example/azure/acc"),
    ],
)
def test_an_endpoint_is_followed_by_the_account_unless_it_names_it(endpoint: str, asked: str) -> None:
    place = place_of("abfss://c-1@acc.dfs.core.windows.net/")
    assert azure_clients.address(AzureAccess(endpoint), place, "blob") == asked


def test_a_forked_process_has_a_client_of_its_own_and_threads_share_one(
    azure: Azurite, container: ContainerClient, put: Callable[..., Listed], store: AzureStore
) -> None:
    listed = put("a.csv")
    place = place_of(listed.uri)
    assert azure_clients.service(azure.access, place) is azure_clients.service(azure.access, place)
    ours = id(azure_clients.service(azure.access, place))
    receiving, sending = multiprocessing.Pipe(duplex=False)

    def child() -> None:
        sending.send((read(store, listed), id(azure_clients.service(azure.access, place)) != ours))

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    assert receiving.poll(60)
    assert receiving.recv() == (b"content", True)
    process.join(60)
    assert process.exitcode == 0
