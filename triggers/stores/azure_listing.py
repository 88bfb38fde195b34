"""Blobs in the order of their names' bytes, whatever the account's order is.

A flat account lists in that order. A hierarchical one lists a folder's files right after the folder (`a/x` before
`a-b`), and shows folders as empty blobs that bear a mark: once one is seen, folders are walked one by one. Neither
can start after a given name, so going on after one walks too, and passes over the folders that lie before it.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from azure.storage.blob import BlobPrefix, BlobProperties, ContainerClient

from triggers.stores.port import uncounted

PAGE = 5_000  # the most that Azure gives
_INCLUDED = ["metadata", "copy"]


def is_folder(blob: BlobProperties) -> bool:
    """A folder of a hierarchical account, or what older Hadoop drivers put for one in a flat account."""
    # Metadata are headers: their names come in any case.
    return any(name.lower() == "hdi_isfolder" and value == "true" for name, value in (blob.metadata or {}).items())


def is_marker(name: str, size: int) -> bool:
    """A name that ends in a slash, without bytes: what some tools put to show an empty folder."""
    return name.endswith("/") and not size


def is_copying(blob: BlobProperties) -> bool:
    """A copy into it has begun and not ended: what is there is not its content yet."""
    return bool(blob.copy.status == "pending")


@dataclass(slots=True)
class Listing:
    """One listing of a container; `pages` of so many names."""

    container: ContainerClient
    page: int = PAGE
    hierarchical: bool = False
    counting: Callable[[], None] = uncounted

    def below(self, prefix: str, after: str | None = None) -> Iterator[BlobProperties]:
        """Blobs whose names begin with the prefix and come after `after`, ascending, without folders."""
        if after is None and not self.hierarchical:
            return self._flat(prefix)
        return self._walk(prefix, after)

    def _flat(self, prefix: str) -> Iterator[BlobProperties]:
        last = None
        listed = self.container.list_blobs(prefix, include=_INCLUDED, results_per_page=self.page)
        for page in self._counted(listed.by_page()):
            # Sorted, for the service may compare names by UTF-16.
            blobs = sorted(page, key=_place)
            if any(map(is_folder, blobs)):
                self.hierarchical = True
                yield from self._walk(prefix, last)
                return
            yield from blobs
            last = blobs[-1].name if blobs else last

    def _walk(self, prefix: str, after: str | None) -> Iterator[BlobProperties]:
        for entry in self._level(prefix, after):
            if isinstance(entry, BlobPrefix):
                within = after if after is not None and after.startswith(entry.name) else None
                yield from self.below(entry.name, within)
            elif not is_folder(entry):
                yield entry

    def _level(self, prefix: str, after: str | None) -> Iterator[BlobPrefix | BlobProperties]:
        held: list[tuple[bytes, int, BlobPrefix | BlobProperties]] = []
        walked = self.container.walk_blobs(prefix, include=_INCLUDED, results_per_page=self.page)
        for page in self._counted(walked.by_page()):
            entries = list(page)
            for number, entry in enumerate(_coming(entries, after)):
                heapq.heappush(held, (_place(entry), number, entry))
            # The folder `a/` may be shown before `a-b` and comes after it: what is past the last name waits.
            yield from _up_to(held, max((entry.name.rstrip("/").encode() for entry in entries), default=b""))
        while held:
            yield heapq.heappop(held)[2]

    def _counted(self, pages: Iterator[Any]) -> Iterator[Any]:
        for page in pages:
            self.counting()
            yield page


def _up_to(
    held: list[tuple[bytes, int, BlobPrefix | BlobProperties]], place: bytes
) -> Iterator[BlobPrefix | BlobProperties]:
    while held and held[0][0] <= place:
        yield heapq.heappop(held)[2]


def _coming(entries: Iterable[BlobPrefix | BlobProperties], after: str | None) -> Iterator[BlobPrefix | BlobProperties]:
    for entry in entries:
        name = entry.name
        folder_of_it = isinstance(entry, BlobPrefix) and after is not None and after.startswith(name)
        if after is None or folder_of_it or name.encode() > after.encode():
            yield entry


def _place(entry: BlobPrefix | BlobProperties) -> bytes:
    return str(entry.name).encode()
