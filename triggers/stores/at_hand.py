"""Stores around a store: one that notes the time of what was opened, one that has a file's bytes at hand."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO, cast

from triggers.stores.port import Listed, Store, dated, uncounted


class Noted:
    """A store as it is; `modified_at` is the store's own time of the version that was opened last, where it tells."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.modified_at: datetime | None = None

    def list(
        self, prefix_uri: str, after: str | None = None, counting: Callable[[], None] = uncounted
    ) -> Iterator[Listed]:
        """The store's."""
        return self._store.list(prefix_uri, after, counting)

    def stat(self, uri: str) -> Listed | None:
        """The store's."""
        return self._store.stat(uri)

    @contextmanager
    def open(self, uri: str, version: str, start: int = 0, end: int | None = None) -> Iterator[BinaryIO]:
        """The store's."""
        with self._store.open(uri, version, start, end) as stream:
            self.modified_at = dated(stream) or self.modified_at
            yield stream


class AtHand(Noted):
    """One version's bytes, read already: opening it asks the store no second time."""

    def __init__(self, store: Store, data: bytes, modified_at: datetime | None) -> None:
        super().__init__(store)
        self._data, self.modified_at = data, modified_at

    @contextmanager
    def open(self, uri: str, version: str, start: int = 0, end: int | None = None) -> Iterator[BinaryIO]:  # noqa: ARG002
        """The bytes at hand, whichever version is named: this store is made for a single one."""
        yield cast(BinaryIO, io.BytesIO(self._data[start:end]))
