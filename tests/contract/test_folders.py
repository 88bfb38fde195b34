"""What every folder of Tradewind's own files promises, on a disk and in a bucket."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from triggers.folders import BucketFolder, Folder, LocalFolder, folder_of
from triggers.stores.access import Access, GcsAccess, S3Access
from triggers.stores.local import uri_of

if TYPE_CHECKING:
    from tests.clouds.azurite import Azurite


@pytest.fixture(params=["local", "s3", "azure", "gcs"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Folder:
    if request.param == "local":
        return folder_of(uri_of(tmp_path / "state" / "x"))
    if request.param == "azure":
        azure = request.getfixturevalue("azure")
        return folder_of(azure.prefix(azure.container(), "state/x"), Access(azure=azure.access))
    if request.param == "gcs":
        gcs = request.getfixturevalue("gcs")
        access = Access(gcs=GcsAccess(endpoint=gcs.direct, project="tests", anonymous=True))
        return folder_of(f"gs://{gcs.bucket().name}/state/x", access)
    aws = request.getfixturevalue("aws")
    return folder_of(f"s3://{aws.bucket()}/state/x", Access(s3=S3Access(endpoint=aws.endpoint, region=aws.region)))


def names(folder: Folder) -> list[str]:
    return sorted(kept.name for kept in folder.files())


def test_what_was_written_is_read_and_listed(folder: Folder) -> None:
    folder.write("a é.json", b"one")
    (kept,) = folder.files()
    assert (kept.name, kept.size) == ("a é.json", 3)
    assert abs(datetime.now(UTC) - kept.modified_at) < timedelta(minutes=1)
    assert folder.read("a é.json") == b"one"


def test_bytes_are_kept_as_they_are_whatever_the_name_says(folder: Folder) -> None:
    folder.write("a.gz", b"plain")
    (kept,) = folder.files()
    assert (kept.size, folder.read("a.gz")) == (5, b"plain")


def test_a_file_is_replaced_as_a_whole(folder: Folder) -> None:
    folder.write("a", b"one")
    folder.write("a", b"the second")
    assert folder.read("a") == b"the second"
    assert names(folder) == ["a"]


def test_what_is_not_there_is_nothing(folder: Folder) -> None:
    assert folder.read("a") is None
    assert folder.below("b").read("a") is None
    assert list(folder.files()) == []
    assert folder.folders() == []
    folder.delete("a")
    folder.clear()


def test_folders_lie_in_folders(folder: Folder) -> None:
    folder.below("spot", "live").write("1", b"x")
    folder.below("fx").write("2", b"x")
    folder.write("3", b"x")
    assert names(folder) == ["3", "fx/2", "spot/live/1"]
    assert folder.folders() == ["fx", "spot"]
    assert folder.below("spot").folders() == ["live"]
    assert folder.below("spot", "live").place == f"{folder.place}/spot/live"


def test_a_folder_can_be_made_before_there_is_anything_in_it(folder: Folder) -> None:
    folder.below("live").make()
    folder.below("live").make()
    assert folder.folders() == ["live"]
    assert list(folder.files()) == []
    folder.below("live").clear()
    assert folder.folders() == []


def test_a_file_is_removed_and_the_others_stay(folder: Folder) -> None:
    for name in ("a", "b"):
        folder.write(name, b"x")
    folder.delete("a")
    assert names(folder) == ["b"]


def test_a_cleared_folder_is_gone_and_its_neighbours_are_not(folder: Folder) -> None:
    for part in (folder, folder.below("x", "y"), folder.below("xy")):
        part.write("1", b"x")
    folder.below("x").clear(last="1")
    assert names(folder) == ["1", "xy/1"]
    assert folder.folders() == ["xy"]
    folder.clear(last="1")
    assert names(folder) == []


def test_nobody_reads_a_part_of_a_file(folder: Folder) -> None:
    whole = [bytes([n]) * 300_000 for n in range(4)]
    folder.write("a", whole[0])
    done = threading.Event()
    seen: set[bytes | None] = set()

    def look() -> None:
        while not done.is_set():
            seen.add(folder.read("a"))

    reader = threading.Thread(target=look)
    reader.start()
    for content in whole:
        folder.write("a", content)
    done.set()
    reader.join()
    assert seen <= set(whole)


def test_a_place_that_cannot_be_written_is_an_os_error(folder: Folder, tmp_path: Path) -> None:
    if isinstance(folder, LocalFolder):
        (tmp_path / "state").write_text("a file in the way")
        broken: Folder = folder
    else:
        assert isinstance(folder, BucketFolder)
        broken = BucketFolder(folder.uri.replace("://", "://no-such-"), folder.access)
    with pytest.raises(OSError, match=r".+"):
        broken.write("a", b"x")


def test_the_signs_for_folders_that_hadoop_leaves_in_azure_are_no_files(azure: Azurite) -> None:
    container = azure.container()
    folder = folder_of(azure.prefix(container, "state/x"), Access(azure=azure.access))
    for name in ("state/x/events", "state/x/events/offsets"):
        container.upload_blob(name, b"", metadata={"hdi_isfolder": "true"})
    folder.write("events/offsets/0", b"one")
    assert (names(folder), folder.folders()) == (["events/offsets/0"], ["events"])
    folder.clear()
    assert list(container.list_blob_names()) == []
