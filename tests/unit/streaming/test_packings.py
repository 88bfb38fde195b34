"""Packed files: told by their bytes, read to their very end, or set aside with the reason."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator

import pyarrow as pa
import pytest

from streaming.errors import FileBroken
from streaming.reading.decompression import PIECE, unpacked
from streaming.reading.signatures import packing_of
from tests.unit.streaming.conftest import Read
from triggers.errors import VersionChanged

Pack = Callable[[bytes], bytes]
Made = Callable[..., Read]

HEADER = b"id,symbol,time,side,price,qty\n"
LINE = b"t%d,AAPL,2025-01-31T09:30:00Z,B,1.5,2\n"
ROWS = b"".join(LINE % n for n in range(1, 40))


def zst(data: bytes) -> bytes:
    return pa.compress(data, codec="zstd", asbytes=True)


def lz4(data: bytes) -> bytes:
    return pa.compress(data, codec="lz4", asbytes=True)


PACKS: dict[str, Pack] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "Zstandard": zst,
    "LZ4": lz4,
}
ENDINGS = {"gzip": "gz", "bzip2": "bz2", "xz": "xz", "Zstandard": "zst", "LZ4": "lz4"}
PADDED = ("gzip", "bzip2", "xz")  # what tar and tape writers do; the others' formats know no padding
each = pytest.mark.parametrize("kind", PACKS)


@each
@pytest.mark.parametrize("most", [1, 7, None])
def test_a_packed_file_is_known_by_its_bytes_whatever_its_name(read: Made, kind: str, most: int | None) -> None:
    packed = PACKS[kind](HEADER + ROWS)
    for name in ("trades.csv", f"trades.csv.{ENDINGS[kind]}", "trades.csv.gz"):
        done = read(packed, uri=f"file:///in/{name}", most=most)
        assert (len(done.trades), done.counts.lines) == (39, 40)


@each
def test_it_may_consist_of_several_members_that_end_anywhere(read: Made, kind: str) -> None:
    pack, text = PACKS[kind], HEADER + ROWS
    for cut in (0, 5, len(HEADER), len(text) - 1):
        done = read(pack(text[:cut]) + pack(text[cut:]) + pack(b""), most=11)
        assert [trade["trade_id"] for trade in done.trades] == [f"t{n}" for n in range(1, 40)]


@each
def test_one_that_is_cut_off_anywhere_is_broken(read: Made, kind: str) -> None:
    packed, uri = PACKS[kind](HEADER + ROWS), f"file:///in/t.csv.{ENDINGS[kind]}"
    for end in range(len(packed)):
        with pytest.raises(FileBroken, match=r"truncated|but the bytes are not|not one byte"):
            read(packed[:end], uri=uri)


@each
def test_one_that_is_cut_off_in_a_later_member_is_broken(read: Made, kind: str) -> None:
    first, second = PACKS[kind](HEADER + LINE % 1), PACKS[kind](LINE % 2)
    for end in range(1, len(second)):
        with pytest.raises(FileBroken, match="truncated"):
            read(first + second[:end])


@each
@pytest.mark.parametrize("trailing", [b"x", b"trailing text\n", b"\n", b"\0\0more"])
def test_something_else_after_the_end_breaks_the_file(read: Made, kind: str, trailing: bytes) -> None:
    with pytest.raises(FileBroken, match=r"follows|damaged|truncated"):
        read(PACKS[kind](HEADER + ROWS) + trailing)


@pytest.mark.parametrize("kind", PADDED)
@pytest.mark.parametrize("most", [3, None])
def test_zero_bytes_after_a_member_are_padding(read: Made, kind: str, most: int | None) -> None:
    pack = PACKS[kind]
    done = read(pack(HEADER) + b"\0" * 4 + pack(ROWS) + b"\0" * 100, most=most)
    assert len(done.trades) == 39


@each
def test_a_damaged_byte_anywhere_never_gives_other_trades(read: Made, kind: str) -> None:
    """Only LZ4 and Zstandard as Arrow writes them have no checksum of the content, so some damage must get through."""
    packed = bytearray(PACKS[kind](HEADER + ROWS))
    if kind in ("Zstandard", "LZ4"):
        packed[len(packed) // 2] ^= 0xFF
        with pytest.raises(FileBroken):
            read(bytes(packed))
        return
    whole = read(bytes(packed)).trades
    for place in range(12, len(packed)):
        packed[place] ^= 0x55
        try:
            assert read(bytes(packed)).trades == whole  # flags and names that say nothing of the content
        except FileBroken as broken:
            assert "have it sent again" in str(broken) or "have the file sent again" in str(broken)
        packed[place] ^= 0x55


@each
def test_what_is_unpacked_comes_in_pieces_of_bounded_size(kind: str) -> None:
    packed = PACKS[kind](b"\0" * 40_000_000)
    sizes = [len(piece) for piece in unpacked(kind, iter([packed]))]
    assert sum(sizes) == 40_000_000
    assert max(sizes) <= PIECE


def test_a_skippable_frame_may_stand_before_and_between_zstandard_frames(read: Made) -> None:
    skipped = b"\x51\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"note"
    assert packing_of(skipped) == "Zstandard"
    assert len(read(skipped + zst(HEADER) + skipped + zst(ROWS) + skipped).trades) == 39


def test_an_xz_that_wants_too_much_memory_is_told_and_not_tried(read: Made) -> None:
    packed = bytearray(lzma.compress(b""))
    # The header of a block with a dictionary of 1 GiB: size, flags, LZMA2 with its one property, padding, CRC.
    header = b"\x02\x00\x21\x01\x24\x00\x00\x00"
    packed[12:12] = header + zlib.crc32(header).to_bytes(4, "little")
    with pytest.raises(FileBroken, match="emory"):
        read(bytes(packed))


@each
def test_what_is_packed_twice_or_packs_an_archive_is_told(read: Made, kind: str) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("a.csv", HEADER)
    for inner in (gzip.compress(HEADER), archive.getvalue()):
        with pytest.raises(FileBroken, match="packed once more"):
            read(PACKS[kind](inner))


def test_a_tar_within_gzip_is_said_by_name(read: Made) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as opened:
        opened.addfile(tarfile.TarInfo("a.csv"), io.BytesIO())
    with pytest.raises(FileBroken, match="a tar archive"):
        read(made.getvalue(), uri="file:///in/trades.tar.gz")


def test_a_zip_is_told_as_such_whatever_its_name(read: Made) -> None:
    for first in (b"PK\x03\x04....", b"PK\x05\x06" + bytes(18)):
        for name in ("t.zip", "t.csv", "t.csv.gz"):
            with pytest.raises(FileBroken, match=r"archive\.zip!trades.csv"):
                read(first, uri=f"file:///in/{name}")


@pytest.mark.parametrize("ending", ["gz", "gzip", "bz2", "xz", "zst", "lz4", "zip", "GZ", "Zip"])
def test_a_name_that_tells_of_a_packing_is_not_believed(read: Made, ending: str) -> None:
    with pytest.raises(FileBroken, match=rf"ends in \.{ending} but the bytes are not"):
        read(HEADER + ROWS, uri=f"file:///in/t.csv.{ending}")


@each
def test_what_the_store_says_while_it_is_read_is_not_taken_for_damage(kind: str) -> None:
    def chunks() -> Iterator[bytes]:
        yield PACKS[kind](ROWS)[:20]
        raise VersionChanged("file:///t", "1", "2")

    with pytest.raises(VersionChanged):
        list(unpacked(kind, chunks()))
