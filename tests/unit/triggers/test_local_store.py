import os
import subprocess
import sys
from pathlib import Path

import pytest

from triggers.errors import (
    BadUri,
    ListingIncomplete,
    PrefixMissing,
    StoreUnavailable,
    UnknownStore,
    Unreadable,
    VersionChanged,
)
from triggers.stores import Listed, Stores
from triggers.stores.local import LocalStore, path_of, uri_of

STORE = LocalStore()


def listed(folder: Path) -> tuple[list[str], list[str]]:
    """The names that were listed, and the problems told at the end."""
    names: list[str] = []
    listing = STORE.list(uri_of(folder))
    try:
        names.extend(Path(path_of(one.uri)).name for one in listing)
    except ListingIncomplete as incomplete:
        return names, [str(problem) for problem in incomplete.problems]
    return names, []


def look(path: Path) -> Listed:
    found = STORE.stat(uri_of(path))
    assert found is not None
    return found


@pytest.mark.parametrize("path", ["/data/a b.csv", "/data/a%20b#?.csv", "/é/🚀", "/"])
def test_a_uri_is_the_raw_path(path: str) -> None:
    assert uri_of(path) == f"file://{path}"
    assert path_of(uri_of(path)) == path


def test_sparks_spelling_is_the_same_path() -> None:
    assert path_of("file:/data/a b.csv") == path_of("file:///data/a b.csv") == "/data/a b.csv"
    assert path_of("file://localhost/data") == "/data"


@pytest.mark.parametrize("uri", ["file://host/data", "file:data", "s3://b/k", "/data", "file://data"])
def test_what_is_no_local_place_is_refused(uri: str) -> None:
    with pytest.raises(BadUri):
        path_of(uri)


def test_a_place_that_no_store_reads_is_named_with_what_is_allowed() -> None:
    with pytest.raises(UnknownStore, match=r"ftp://x.*file:"):
        Stores().of("ftp://x")


def test_a_prefix_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(PrefixMissing, match="no such folder"):
        list(STORE.list(uri_of(tmp_path / "nowhere")))


def test_a_prefix_may_be_one_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x")
    assert listed(tmp_path / "a.csv") == (["a.csv"], [])


def test_the_version_is_the_modification_time_and_the_size(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("12345")
    os.utime(path, ns=(1, 1_700_000_000_123_456_789))
    assert look(path).version == "1700000000123456789-5"
    assert look(path).modified_at.isoformat() == "2023-11-14T22:13:20.123456+00:00"


def test_a_file_that_returns_to_its_first_state_has_its_first_version_again(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("A")
    os.utime(path, ns=(1, 1_000))
    first = look(path).version
    path.write_text("BB")
    assert look(path).version != first
    path.unlink()
    path.write_text("A")
    os.utime(path, ns=(1, 1_000))
    assert look(path).version == first


def test_links_are_followed_but_never_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "deep" / "a.csv").write_text("x")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.csv").write_text("x")
    (tmp_path / "in" / "deep" / "up").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(tmp_path / "in")
    assert listed(tmp_path / "in") == (["a.csv", "b.csv"], [])


def test_links_that_lead_nowhere_are_named_and_stop_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x")
    (tmp_path / "dangling.csv").symlink_to(tmp_path / "nowhere")
    (tmp_path / "self.csv").symlink_to(tmp_path / "self.csv")
    (tmp_path / "z.csv").write_text("x")
    names, problems = listed(tmp_path)
    assert names == ["a.csv", "z.csv"]
    assert [problem.split(":")[1].rsplit("/", 1)[1] for problem in problems] == ["dangling.csv", "self.csv"]


def test_a_name_that_is_not_utf8_is_named_and_stops_nothing(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.csv")).write_text("x")
    (tmp_path / "good.csv").write_text("x")
    names, problems = listed(tmp_path)
    assert names == ["good.csv"]
    assert "bad\\xff.csv" in problems[0]
    assert "rename" in problems[0]


def test_devices_pipes_and_sockets_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    assert listed(tmp_path) == ([], [])
    assert STORE.stat(uri_of(tmp_path / "pipe.csv")) is None


_AS_NOBODY = """
import os, sys
sys.path.insert(0, sys.argv[1])
from triggers.errors import ListingIncomplete, Unreadable
from triggers.stores.local import LocalStore, uri_of
from triggers.writers import writers_of
folder = sys.argv[2]
os.setgid(65534); os.setuid(65534)
seen = []
try:
    for one in LocalStore().list(uri_of(folder)):
        seen.append(one)
        print("listed", os.path.basename(one.uri))
except ListingIncomplete as incomplete:
    print(incomplete)
try:
    with LocalStore().open(seen[-1].uri, seen[-1].version):
        pass
except Unreadable as unreadable:
    print(unreadable)
print(writers_of(f"{folder}/z-unreadable.csv"), writers_of(f"{folder}/a.csv"))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as somebody without rights")
def test_what_may_not_be_read_is_named_and_stops_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "locked").mkdir(parents=True)
    for name in ("a.csv", "locked/b.csv", "z-unreadable.csv"):
        (folder / name).write_text("x")
    (folder / "locked").chmod(0)
    (folder / "z-unreadable.csv").chmod(0)
    for parent in [folder, *folder.parents][:-2]:
        parent.chmod(0o755)
    root = str(Path(__file__).parents[3])
    done = subprocess.run(
        [sys.executable, "-c", _AS_NOBODY, root, str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    first, second, incomplete, unreadable, writers = done.stdout.splitlines()
    assert [first, second] == ["listed a.csv", "listed z-unreadable.csv"]
    assert f"{folder}/locked: cannot be read (no permission" in incomplete
    assert f"{folder}/z-unreadable.csv: cannot be read (no permission" in unreadable
    assert writers == "unknown unknown"


def test_bytes_changed_in_place_while_they_are_read_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    found = look(path)
    with pytest.raises(VersionChanged), STORE.open(found.uri, found.version) as stream:
        stream.read()
        path.write_text("longer than before")


def test_a_file_replaced_while_it_is_read_does_not_count(tmp_path: Path) -> None:
    path, other = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_text("old")
    other.write_text("newer")
    found = look(path)
    with pytest.raises(VersionChanged), STORE.open(found.uri, found.version) as stream:
        other.rename(path)
        stream.read()


def test_a_file_deleted_while_it_is_read_gives_its_own_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    found = look(path)
    with STORE.open(found.uri, found.version) as stream:
        path.unlink()
        assert stream.read() == b"old"


def test_a_reader_that_fails_over_changed_bytes_is_told_that_they_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    found = look(path)
    with pytest.raises(VersionChanged), STORE.open(found.uri, found.version):
        path.write_text("longer than before")
        raise ValueError("no such column")


def test_a_reader_that_fails_over_sound_bytes_keeps_its_own_error(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    found = look(path)
    with pytest.raises(ValueError, match="no such column"), STORE.open(found.uri, found.version):
        raise ValueError("no such column")


def test_a_folder_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(Unreadable), STORE.open(uri_of(tmp_path), "1-2"):
        pass


@pytest.mark.parametrize("size", [-1, 100])
def test_a_disk_that_fails_while_it_is_read_is_unavailable_and_the_file_not_broken(size: int) -> None:
    # What Linux answers to a read at this place is EIO, as of a disk with a bad block.
    path = Path("/proc/self/mem")
    if not path.exists():
        pytest.skip("there is no file here that always fails")
    found = STORE.stat(uri_of(path))
    assert found
    with (
        pytest.raises(StoreUnavailable, match=r"mem: the store did not answer \(Input/output error\)"),
        STORE.open(found.uri, found.version) as stream,
    ):
        stream.read(size)
