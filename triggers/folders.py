"""Folders that Tradewind itself keeps files in, on a disk or in a bucket: whole files, written and read at once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from triggers.clients import client_of
from triggers.errors import UnknownStore
from triggers.file_systems import file_system
from triggers.stores.access import Access
from triggers.stores.local import path_of, uri_of

if TYPE_CHECKING:
    from pyarrow import NativeFile
    from pyarrow.fs import FileSystem

MADE = ".made"
KNOWN = ("file:", "s3:", "abfss:", "gs:")


@dataclass(frozen=True, slots=True)
class Kept:
    """One file; `name` is its path below the folder, `modified_at` aware, in UTC, `size` bytes."""

    name: str
    size: int
    modified_at: datetime


class Folder(Protocol):
    """A place for whole files. What fails raises OSError; a folder that is not there is an empty one."""

    @property
    def place(self) -> str:
        """Its canonical uri, without a slash at its end."""

    def below(self, *names: str) -> Folder:
        """The folder of that path below this one."""

    def make(self) -> None:
        """See that it is there for others to look into."""

    def write(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all, durable on return; nobody ever sees a part of it under its name."""

    def read(self, name: str) -> bytes | None:
        """A file's content; None where there is none."""

    def files(self) -> Iterator[Kept]:
        """Every file below, at any depth, in no order."""

    def folders(self) -> list[str]:
        """The names of the folders right below, sorted."""

    def delete(self, name: str) -> None:
        """Remove a file; one that is not there is removed already."""

    def clear(self, last: str | None = None) -> None:
        """Remove everything and the folder itself; the file `last` goes after all others."""


def folder_of(uri: str, access: Access | None = None) -> Folder:
    """The folder at a canonical uri. Raises UnknownStore."""
    scheme = uri.partition(":")[0]
    if scheme == "file":
        return LocalFolder(Path(path_of(uri)))
    if f"{scheme}:" in KNOWN:
        return BucketFolder(uri.rstrip("/"), access or Access())
    raise UnknownStore(uri, KNOWN)


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """A folder on a disk. A file has a hidden name (`.NAME.tmp`) until all of it is on the disk."""

    path: Path

    @property
    def place(self) -> str:
        return uri_of(self.path)

    def below(self, *names: str) -> LocalFolder:
        return LocalFolder(self.path.joinpath(*names))

    def make(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)

    def write(self, name: str, content: bytes) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        hidden = path.with_name(f".{path.name}.tmp")
        try:
            _write_through(hidden, content)
            hidden.rename(path)
        except OSError:
            hidden.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)

    def read(self, name: str) -> bytes | None:
        with suppress(FileNotFoundError):
            return (self.path / name).read_bytes()
        return None

    def files(self) -> Iterator[Kept]:
        for path in self.path.rglob("*"):
            with suppress(FileNotFoundError):  # Spark removes its old files while we look
                if path.is_file():
                    yield _kept(path.relative_to(self.path).as_posix(), path.stat())

    def folders(self) -> list[str]:
        return sorted(one.name for one in self.path.iterdir() if one.is_dir()) if self.path.is_dir() else []

    def delete(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)

    def clear(self, last: str | None = None) -> None:
        for one in list(self.path.iterdir()) if self.path.is_dir() else []:
            if one.is_dir() and not one.is_symlink():
                shutil.rmtree(one)
            elif one.name != last:
                one.unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            shutil.rmtree(self.path)


@dataclass(frozen=True, slots=True)
class BucketFolder:
    """A prefix in a bucket. Each cloud shows an object when all of it was sent, and not before."""

    uri: str
    access: Access

    @property
    def place(self) -> str:
        return self.uri

    def below(self, *names: str) -> BucketFolder:
        return BucketFolder("/".join([self.uri, *names]), self.access)

    def make(self) -> None:
        """A bucket knows no folders, but Spark does not look into what holds nothing: a file that it passes over."""
        self.write(MADE, b"")

    def write(self, name: str, content: bytes) -> None:
        if self._on_azure:
            with client_of("azure", self.uri):
                from triggers.stores.azure_changes import upload
            upload(f"{self.uri}/{name}", content, self.access.azure)
        else:
            with self._files.open_output_stream(f"{self._path}/{name}", compression=None) as stream:
                stream.write(content)

    def read(self, name: str) -> bytes | None:
        with suppress(FileNotFoundError), self._opened(f"{self._path}/{name}") as found:
            return bytes(found.read())  # in one request: several might meet two versions
        return None

    def _opened(self, path: str) -> NativeFile:
        # On Cloud Storage a file asks for the version first, and then for bytes of one that may be gone by then.
        if self.uri.startswith("gs:"):
            return self._files.open_input_stream(path, compression=None)
        return self._files.open_input_file(path)

    def files(self) -> Iterator[Kept]:
        everything = self._found()
        folders = {found.path for found in everything if not found.is_file}
        for found in everything:
            # Signs for a folder, which Spark and others leave: names that end in a slash; in Azure, empty blobs of the
            # folder's own name, which Arrow shows as a file and as the folder.
            sign = found.path.endswith(("/", f"/{MADE}")) or found.path in folders
            if found.is_file and not sign:
                yield Kept(found.path[len(self._path) + 1 :], found.size, found.mtime.astimezone(UTC))

    def folders(self) -> list[str]:
        # Cloud Storage's listing shows what lies below, and no folder that nobody made.
        below = [(one.is_file, *one.path[len(self._path) + 1 :].partition("/")) for one in self._found()]
        return sorted({name for is_file, name, slash, _ in below if slash or not is_file})

    def delete(self, name: str) -> None:
        if self._on_azure:
            with client_of("azure", self.uri):
                from triggers.stores.azure_changes import remove
            remove(f"{self.uri}/{name}", self.access.azure)
        else:
            with suppress(FileNotFoundError):
                self._files.delete_file(f"{self._path}/{name}")

    def clear(self, last: str | None = None) -> None:
        for kept in list(self.files()):
            if kept.name != last:
                self.delete(kept.name)
        self.delete(last or MADE)
        from pyarrow.fs import FileType

        if self._files.get_file_info(self._path).type is not FileType.NotFound:  # as on Cloud Storage by now
            with suppress(FileNotFoundError):
                self._files.delete_dir(self._path)

    def _found(self) -> list[Any]:
        from pyarrow.fs import FileSelector

        return list(self._files.get_file_info(FileSelector(self._path, allow_not_found=True, recursive=True)))

    @property
    def _on_azure(self) -> bool:
        return self.uri.startswith("abfss:")

    @property
    def _path(self) -> str:
        """As Arrow names it: bucket, slash, key."""
        bucket, _, key = self.uri.partition("://")[2].partition("/")
        return f"{bucket.partition('@')[0]}/{key}".rstrip("/")

    @property
    def _files(self) -> FileSystem:
        scheme, _, rest = self.uri.partition("://")
        return file_system(scheme, rest.partition("/")[0], self.access)


def _kept(name: str, found: os.stat_result) -> Kept:
    return Kept(name, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(directory: Path) -> None:
    # Without this the rename itself may be lost with the power.
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
