"""Files on a disk. A version is the modification time in nanoseconds and the size; no inode, so that a
remount does not make every file new."""

# Text, not Path objects: a listing may hold a million names, and links must not be resolved.
# ruff: noqa: PTH100, PTH103, PTH108, PTH116, PTH120

import errno
import io
import os
import shutil
import stat as modes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from triggers.arrival import utc_of_ns
from triggers.errors import (
    BadUri,
    ListingIncomplete,
    PrefixMissing,
    StoreUnavailable,
    Unreadable,
    VersionChanged,
    VersionVanished,
)
from triggers.stores.port import Listed, uncounted


def uri_of(path: str | os.PathLike[str]) -> str:
    """`file:///abs/path with blanks.csv`: absolute, raw, not percent-encoded.

    Raises BadUri for names that are not UTF-8.
    """
    text = os.path.abspath(os.fspath(path))
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadUri(text, "the name is not UTF-8 and no database can hold it: rename the file") from None
    return f"file://{text}"


def path_of(uri: str) -> str:
    """The path behind `file:///x`, `file:/x` (Spark's spelling) or `file://localhost/x`. Raises BadUri."""
    rest = uri.removeprefix("file:")
    if rest == uri:
        raise BadUri(uri, "not a local file: it should begin with file:///")
    if rest.startswith("//"):
        host, slash, tail = rest[2:].partition("/")
        if host not in ("", "localhost") or not slash:
            raise BadUri(uri, "a local file has no host: write file:/// with three slashes")
        rest = f"/{tail}"
    if not rest.startswith("/"):
        raise BadUri(uri, "the path should be absolute: write file:///folder/name")
    return os.path.abspath(rest)


def version_of(found: os.stat_result) -> str:
    """What makes a local file's bytes identical."""
    return f"{found.st_mtime_ns}-{found.st_size}"


class LocalStore:
    """The local file system as a store; it holds nothing, so it may be shared and pickled."""

    def list(
        self, prefix_uri: str, after: str | None = None, counting: Callable[[], None] = uncounted
    ) -> Iterator[Listed]:
        """Regular files below the folder, links followed but never in a circle."""
        root = path_of(prefix_uri)
        try:
            found = os.stat(root)
        except FileNotFoundError:
            raise PrefixMissing(prefix_uri) from None
        except OSError as cause:
            raise _translated(prefix_uri, cause) from cause
        if not modes.S_ISDIR(found.st_mode):
            yield from self._single(uri_of(root), found, after)
            return
        walk = _Walk(after, counting)
        yield from walk.below(root, (_identity(found),))
        if walk.problems:
            raise ListingIncomplete(prefix_uri, walk.problems)

    def stat(self, uri: str) -> Listed | None:
        """None for what is gone and for what is no regular file."""
        try:
            found = os.stat(path_of(uri))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as cause:
            if cause.errno == errno.ENAMETOOLONG:  # no file has it, but a member of an archive may
                return None
            raise _translated(uri, cause) from cause
        return _listed(uri, found) if modes.S_ISREG(found.st_mode) else None

    @contextmanager
    def open(self, uri: str, version: str, start: int = 0, end: int | None = None) -> Iterator[BinaryIO]:
        """A disk has no conditional read: the file is looked at before, and again on leaving."""
        path = path_of(uri)
        try:
            stream = cast(BinaryIO, io.BufferedReader(_OnDisk(path, uri)))  # closed by the `with` below
        except (FileNotFoundError, NotADirectoryError):
            raise VersionVanished(uri, version) from None
        except OSError as cause:
            raise _translated(uri, cause) from cause
        with stream:
            _same(uri, version, os.fstat(stream.fileno()))
            stream.seek(start)
            try:
                yield stream if end is None else _up_to(stream, end - start)
            except Exception:
                # What failed in the bytes of two versions says nothing about either.
                _still_same(uri, version, path, stream)
                raise
            _still_same(uri, version, path, stream)

    def remove(self, uri: str, version: str) -> bool:
        """A disk cannot delete on a condition: the file is looked at just before."""
        if not self._is(uri, version):
            return False
        with _translating(uri):
            os.unlink(path_of(uri))
        return True

    def move(self, uri: str, version: str, to_uri: str) -> bool:
        """Renamed where one disk holds both, else copied; folders are made as needed."""
        if not self._is(uri, version):
            return False
        with _translating(uri):
            os.makedirs(os.path.dirname(path_of(to_uri)), exist_ok=True)
            shutil.move(path_of(uri), path_of(to_uri))
        return True

    def _is(self, uri: str, version: str) -> bool:
        found = self.stat(uri)
        return found is not None and found.version == version

    def _single(self, uri: str, found: os.stat_result, after: str | None) -> Iterator[Listed]:
        if modes.S_ISREG(found.st_mode) and (after is None or uri.encode() > after.encode()):
            yield _listed(uri, found)


class _Walk:
    """One listing: depth first, in the order of whole uris, with the problems met on the way."""

    def __init__(self, after: str | None, counting: Callable[[], None]) -> None:
        self._counting = counting
        self.problems: list[Unreadable] = []
        self._after = None if after is None else os.fsencode(path_of(after))

    def below(self, directory: str, ancestors: tuple[tuple[int, int], ...]) -> Iterator[Listed]:
        for entry in self._entries(directory):
            found = self._look(entry)
            if found is None:
                continue
            if modes.S_ISDIR(found.st_mode):
                # A link to one of its own parents: everything there is listed already.
                if _identity(found) not in ancestors and not self._passed(entry.path + "/", whole=True):
                    yield from self.below(entry.path, (*ancestors, _identity(found)))
            elif modes.S_ISREG(found.st_mode) and not self._passed(entry.path):
                yield from self._file(entry.path, found)

    def _entries(self, directory: str) -> "list[os.DirEntry[str]]":
        # Sorted by name alone; each is looked at only when its turn comes.
        self._counting()
        try:
            with os.scandir(directory) as entries:
                return sorted(entries, key=_place)
        except FileNotFoundError:
            return []
        except OSError as cause:
            self._problem(directory, cause)
            return []

    def _look(self, entry: "os.DirEntry[str]") -> os.stat_result | None:
        try:
            return os.stat(entry.path)
        except FileNotFoundError as cause:
            if entry.is_symlink():
                self._problem(entry.path, cause, "a link that points nowhere")
            return None
        except OSError as cause:
            self._problem(entry.path, cause)
            return None

    def _file(self, path: str, found: os.stat_result) -> Iterator[Listed]:
        try:
            uri = uri_of(path)
        except BadUri as cause:
            self.problems.append(Unreadable(_shown(path), cause.cause))
            return
        yield _listed(uri, found)

    def _problem(self, path: str, cause: OSError, text: str | None = None) -> None:
        self.problems.append(Unreadable(f"file://{_shown(path)}", text or _words(cause)))

    def _passed(self, path: str, whole: bool = False) -> bool:
        if self._after is None:
            return False
        place = os.fsencode(path)
        return place <= self._after and not (whole and self._after.startswith(place))


class _OnDisk(io.FileIO):
    """A file whose failed reads are told as the store's: nothing is wrong with what was not read."""

    def __init__(self, path: str, uri: str) -> None:
        super().__init__(path)
        self._uri = uri

    def readinto(self, buffer: Any) -> int:
        try:
            return cast(int, super().readinto(buffer))
        except OSError as cause:
            raise StoreUnavailable(self._uri, _words(cause)) from cause

    def readall(self) -> bytes:
        try:
            return super().readall()
        except OSError as cause:
            raise StoreUnavailable(self._uri, _words(cause)) from cause


class _Slice(io.RawIOBase):
    """The next `length` bytes of an open file."""

    def __init__(self, stream: BinaryIO, length: int) -> None:
        self._stream, self._left = stream, max(0, length)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        wanted = memoryview(buffer)[: self._left]
        got = cast(io.BufferedReader, self._stream).readinto(wanted)
        self._left -= got
        return got


def _up_to(stream: BinaryIO, length: int) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_Slice(stream, length), buffer_size=256 * 1024))


def _same(uri: str, version: str, found: os.stat_result) -> None:
    if version_of(found) != version:
        raise VersionChanged(uri, version, version_of(found))


def _still_same(uri: str, version: str, path: str, stream: BinaryIO) -> None:
    _same(uri, version, os.fstat(stream.fileno()))
    # A file deleted while it was read still gave its own bytes; one that was replaced is told at once.
    try:
        found = os.stat(path)
    except OSError:
        return
    _same(uri, version, found)


def _listed(uri: str, found: os.stat_result) -> Listed:
    return Listed(uri, version_of(found), found.st_size, utc_of_ns(found.st_mtime_ns))


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _place(entry: "os.DirEntry[str]") -> bytes:
    # `a.csv` sorts before `a/b`, as it would in a bucket.
    return os.fsencode(entry.name) + (b"/" if _is_folder(entry) else b"")


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _translated(uri: str, cause: OSError) -> Unreadable | StoreUnavailable:
    if isinstance(cause, PermissionError | IsADirectoryError):
        return Unreadable(uri, _words(cause))
    return StoreUnavailable(uri, _words(cause))


@contextmanager
def _translating(uri: str) -> Iterator[None]:
    try:
        yield
    except OSError as cause:
        raise _translated(uri, cause) from cause


def _words(cause: OSError) -> str:
    if isinstance(cause, PermissionError):
        return "no permission: give the account that runs Tradewind the right to read it"
    return cause.strerror or type(cause).__name__


def _shown(path: str) -> str:
    return os.fsencode(path).decode(errors="backslashreplace")
