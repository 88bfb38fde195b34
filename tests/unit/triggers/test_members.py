"""Members of zip archives as objects of a store."""

import io
import random
import struct
import tracemalloc
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from triggers.completeness import judge, parse
from triggers.errors import StoreUnavailable, Unreadable, VersionChanged, VersionVanished
from triggers.stores import Listed, Stores
from triggers.stores.local import LocalStore, uri_of
from triggers.stores.members import MemberStore

TEXT = b"".join(b"%d,a line of some text\n" % n for n in range(20_000))
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def placed(folder: Path, content: bytes, name: str = "a.zip") -> Listed:
    (folder / name).write_bytes(content)
    uri = uri_of(folder / name)
    found = Stores().of(uri).stat(uri)
    assert found
    return found


def read(uri: str, version: str, start: int = 0, end: int | None = None, size: int = -1) -> bytes:
    with Stores().of(uri).open(uri, version, start, end) as stream:
        return stream.read() if size < 0 else b"".join(iter(lambda: stream.read(size), b""))


def without_folders(archive: Listed) -> list[str]:
    return [one.uri.removeprefix(archive.uri + "!") for one in Stores().members_of(archive)]


@pytest.mark.parametrize("method", METHODS)
def test_a_member_is_an_object_with_the_version_of_its_archive(tmp_path: Path, method: int) -> None:
    archive = placed(tmp_path, zipped({"a.csv": TEXT, "empty.csv": b""}, method))
    one, empty = Stores().members_of(archive)
    assert one == Listed(f"{archive.uri}!a.csv", archive.version, len(TEXT), archive.modified_at)
    assert Stores().of(one.uri).stat(one.uri) == one
    assert read(one.uri, one.version) == TEXT
    assert read(empty.uri, empty.version) == b""
    assert Stores().archive_of(one.uri) == archive.uri


@pytest.mark.parametrize("method", METHODS)
def test_any_range_of_a_member_is_its_bytes(tmp_path: Path, method: int) -> None:
    archive = placed(tmp_path, zipped({"before": TEXT[:99], "a.csv": TEXT}, method))
    size, uri = len(TEXT), f"{archive.uri}!a.csv"
    ranges = [(0, 1), (5, 5), (9, 3), (size - 1, size), (size, None), (size + 9, size + 19), (70_000, 300_000)]
    for start, end in [*ranges, (3, None), (0, size + 100)]:
        assert read(uri, archive.version, start, end) == TEXT[start:end], (start, end)
    assert read(uri, archive.version, 1, size - 1, 7_777) == TEXT[1:-1]


def test_names_are_those_that_the_packer_wrote(tmp_path: Path) -> None:
    names = ["a.csv", "b/c/d.csv", "with!bang.csv", "b/!", "é und 🚀.csv", " blank .csv", "a//b.csv", "back\\slash.csv"]
    names += ["../up.csv", "/absolute.csv", "./dot.csv", "x" * 300 + ".csv"]
    archive = placed(tmp_path, zipped({name: name.encode() for name in names}))
    assert without_folders(archive) == names
    for name in names:
        assert read(f"{archive.uri}!{name}", archive.version) == name.encode()


def test_a_name_with_dots_never_leads_to_a_file_outside(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    archive = placed(tmp_path, zipped({"../secret": b"of the archive"}))
    uri = f"{archive.uri}!x/../secret"
    assert Stores().of(uri).stat(uri) is None
    assert read(f"{archive.uri}!../secret", archive.version) == b"of the archive"


def test_an_archive_may_itself_have_a_bang_in_its_name_and_none_of_zip(tmp_path: Path) -> None:
    (tmp_path / "odd").write_bytes(b"a file that is no archive")
    archive = placed(tmp_path, zipped({"a.csv": b"1", "b!c.csv": b"2"}), "odd!name.dat")
    assert read(f"{archive.uri}!a.csv", archive.version) == b"1"
    assert read(f"{archive.uri}!b!c.csv", archive.version) == b"2"
    assert Stores().archive_of(archive.uri) is None


def test_a_file_of_that_very_name_goes_first_where_its_version_is_asked_for(tmp_path: Path) -> None:
    archive = placed(tmp_path, zipped({"a.csv": b"member"}))
    file = placed(tmp_path, b"a file", "a.zip!a.csv")
    assert read(file.uri, file.version) == b"a file"
    assert read(file.uri, archive.version) == b"member"


def test_what_is_not_there_has_no_stat(tmp_path: Path) -> None:
    archive = placed(tmp_path, zipped({"a.csv": b"1", "folder/": b""}))
    placed(tmp_path, b"no zip", "plain")
    for uri in (
        f"{archive.uri}!b.csv",
        f"{archive.uri}!",
        uri_of(tmp_path / "no.zip!a.csv"),
        uri_of(tmp_path / "plain!a"),
    ):
        assert Stores().of(uri).stat(uri) is None
        assert Stores().archive_of(uri) is None


def test_another_archive_is_another_version_of_all_its_members(tmp_path: Path) -> None:
    first = placed(tmp_path, zipped({"a.csv": b"1", "b.csv": b"2"}))
    second = placed(tmp_path, zipped({"a.csv": b"other"}))
    for name in ("a.csv", "b.csv"):
        with pytest.raises(VersionChanged) as raised:
            read(f"{first.uri}!{name}", first.version)
        assert (raised.value.uri, raised.value.found) == (f"{first.uri}!{name}", second.version)
    assert read(f"{second.uri}!a.csv", second.version) == b"other"
    assert [one.uri for one in Stores().standing(f"{first.uri}!b.csv")] == [first.uri]


def test_members_of_an_archive_that_was_deleted_have_vanished(tmp_path: Path) -> None:
    archive = placed(tmp_path, zipped({"a.csv": b"1"}))
    (tmp_path / "a.zip").unlink()
    with pytest.raises(VersionVanished) as raised:
        read(f"{archive.uri}!a.csv", archive.version)
    assert raised.value.uri == f"{archive.uri}!a.csv"


def test_an_archive_replaced_while_a_member_is_read_never_counts(tmp_path: Path) -> None:
    archive = placed(tmp_path, zipped({"a.csv": TEXT}))
    uri = f"{archive.uri}!a.csv"
    with pytest.raises(VersionChanged) as raised, Stores().of(uri).open(uri, archive.version) as stream:
        stream.read(10)
        placed(tmp_path, zipped({"a.csv": TEXT[:-1]}))
        stream.read()
    assert raised.value.uri == uri


def test_an_archive_cut_off_anywhere_cannot_be_listed(tmp_path: Path) -> None:
    whole = zipped({"a.csv": b"1,2,3\n" * 50, "b/c.csv": b"4"})
    for size in range(len(whole)):
        with pytest.raises(Unreadable, match="have it sent again"):
            Stores().members_of(placed(tmp_path, whole[:size], f"{size}.zip"))


@pytest.mark.parametrize("method", METHODS)
def test_a_damaged_member_is_unreadable_and_the_others_are_not(tmp_path: Path, method: int) -> None:
    content = bytearray(zipped({"a.csv": TEXT, "b.csv": b"whole"}, method))
    content[200] ^= 0xFF
    archive = placed(tmp_path, bytes(content))
    with pytest.raises(Unreadable, match="sent again"):
        read(f"{archive.uri}!a.csv", archive.version)
    assert read(f"{archive.uri}!b.csv", archive.version) == b"whole"


def test_random_damage_is_an_error_of_ours_or_changes_nothing(tmp_path: Path) -> None:
    whole, random_ = zipped({"a.csv": TEXT[:2000], "b.csv": TEXT[:500]}), random.Random(1)
    for number in range(400):
        content = bytearray(whole)
        content[random_.randrange(len(content))] ^= 1 << random_.randrange(8)
        archive = placed(tmp_path, bytes(content), f"{number}.zip")
        try:
            for one in Stores().members_of(archive):
                assert read(one.uri, one.version) in (TEXT[:2000], TEXT[:500])
        except (Unreadable, VersionVanished):
            continue


def test_a_name_that_stands_twice_is_told(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr("a.csv", "1")
            archive.writestr("a.csv", "2")
    with pytest.raises(Unreadable, match=r"'a\.csv' more than once"):
        Stores().members_of(placed(tmp_path, made.getvalue()))


def test_an_encrypted_member_and_an_unknown_packing_are_told(tmp_path: Path) -> None:
    content = bytearray(zipped({"locked.csv": b"1", "odd.csv": b"2"}, zipfile.ZIP_STORED))
    for place in (content.index(b"PK\x01\x02") + 8, content.index(b"PK\x03\x04") + 6):
        content[place] |= 1
    second = content.rindex(b"PK\x01\x02")
    struct.pack_into("<H", content, second + 10, 9)
    archive = placed(tmp_path, bytes(content))
    with pytest.raises(Unreadable, match="encrypted: have it sent without a password"):
        read(f"{archive.uri}!locked.csv", archive.version)
    with pytest.raises(Unreadable, match=r"method 9 \(deflate64\)"):
        read(f"{archive.uri}!odd.csv", archive.version)


class _Pipe(io.RawIOBase):
    """Nothing can be sought in it, so that sizes follow the data instead of standing before it."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.data += data
        return len(data)


def test_archives_that_were_streamed_or_are_zip64_are_read(tmp_path: Path) -> None:
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("a.csv", "w", force_zip64=True) as member:
            member.write(TEXT)
        archive.writestr("b.csv", b"2")
        archive.comment = b"a comment"
    listed = placed(tmp_path, bytes(pipe.data))
    assert [read(one.uri, one.version) for one in Stores().members_of(listed)] == [TEXT, b"2"]


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_member_far_larger_than_memory_allows_is_streamed(tmp_path: Path, method: int) -> None:
    size = 300_000_000
    archive = placed(tmp_path, zipped({"a.csv": bytes(size)}, method))
    tracemalloc.start()
    try:
        uri, total = f"{archive.uri}!a.csv", 0
        with Stores().of(uri).open(uri, archive.version) as stream:
            while piece := stream.read(8 * 1024 * 1024):
                total += len(piece)
        assert total == size
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


def test_members_are_whole_when_their_archive_was(tmp_path: Path) -> None:
    archive = placed(tmp_path, zipped({"a.csv": b"1"}))
    now = datetime.now(UTC)
    (member,) = Stores().members_of(archive)
    for policy in ("auto", "settle:1h", "marker:.done", "manifest:LIST", "checksum"):
        assert judge(member, now, now, parse(policy), Stores().of(member.uri)).complete
    file = placed(tmp_path, b"1", "plain!name.csv")
    assert not judge(file, now, now - timedelta(), parse("settle:1h"), Stores().of(file.uri)).complete


def test_many_members_are_opened_without_reading_the_directory_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = placed(tmp_path, zipped({f"{n}.csv": b"%d" % n for n in range(500)}))
    opened: list[Sequence[Any]] = []
    members = Stores().members_of(archive)
    monkeypatch.setattr(zipfile.ZipFile, "__init__", lambda *args: opened.append(args))
    assert [read(one.uri, one.version) for one in members] == [b"%d" % n for n in range(500)]
    assert not opened


class Ailing(LocalStore):
    """A disk whose reads fail from some place of a file on."""

    def __init__(self, sound: int) -> None:
        self._sound = sound

    @contextmanager
    def open(self, uri: str, version: str, start: int = 0, end: int | None = None) -> Iterator[BinaryIO]:
        with super().open(uri, version, start, end) as stream:
            if end is None or end > self._sound:
                raise StoreUnavailable(uri, "Input/output error")
            yield stream


def test_an_archive_whose_directory_cannot_be_read_now_is_not_damaged(tmp_path: Path) -> None:
    archive = placed(tmp_path, zipped({"a.csv": TEXT}))
    with pytest.raises(StoreUnavailable):
        MemberStore(Ailing(0)).members(archive)
    with pytest.raises(StoreUnavailable):
        MemberStore(Ailing(0)).stat(f"{archive.uri}!a.csv")


def test_a_member_that_cannot_be_read_now_is_not_damaged(tmp_path: Path) -> None:
    archive = placed(tmp_path, zipped({"a.csv": TEXT}))
    store = MemberStore(Ailing(archive.size))
    with pytest.raises(StoreUnavailable), store.open(f"{archive.uri}!a.csv", archive.version) as stream:
        stream.read()
