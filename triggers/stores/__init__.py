"""Stores: where files lie. `store_for` picks the one that reads a uri."""

from triggers.errors import UnknownStore
from triggers.stores.local import LocalStore
from triggers.stores.port import Listed, Store

__all__ = ["Listed", "Store", "store_for"]

KNOWN = ("file:",)


def store_for(uri: str) -> Store:
    """The store that reads this uri. Raises UnknownStore."""
    if uri.startswith("file:"):
        return LocalStore()
    raise UnknownStore(uri, KNOWN)
