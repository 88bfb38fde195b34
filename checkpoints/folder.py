"""What this room needs of the folder that holds checkpoints, on a disk or in a bucket; it is handed in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol


class Kept(Protocol):
    """One file; `name` is its path below the folder, `modified_at` aware, in UTC, `size` bytes."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def modified_at(self) -> datetime: ...


class Folder(Protocol):
    """Whole files. What fails raises OSError; a folder that is not there is an empty one."""

    @property
    def place(self) -> str:
        """Its uri."""

    def below(self, *names: str) -> Folder:
        """The folder of that path below this one."""

    def write(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all, durable on return."""

    def read(self, name: str) -> bytes | None:
        """A file's content; None where there is none."""

    def files(self) -> Iterator[Kept]:
        """Every file below, at any depth."""

    def folders(self) -> list[str]:
        """The names of the folders right below, sorted."""

    def clear(self, last: str | None = None) -> None:
        """Remove everything and the folder itself; the file `last` goes after all others."""
