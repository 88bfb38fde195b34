"""Listings come in the order of whole names, whichever way the account orders them. Nothing that runs here is a
hierarchical account: the one below lists as such accounts were seen to (azure-sdk-for-go issue 24210)."""

from collections.abc import Iterator
from typing import Any

import pytest
from azure.storage.blob import BlobPrefix, BlobProperties
from hypothesis import given
from hypothesis import strategies as st

from triggers.stores.azure_listing import Listing

SEEN = ["A/dat1", "A-B/dat2", "A-B-C", "A-C", "A.C/dat3", "AB/AB", "AB/dat4", "AB.txt", "ABC"]


class Pages:
    def __init__(self, entries: list[Any], size: int) -> None:
        self._entries, self._size = entries, size

    def by_page(self) -> Iterator[list[Any]]:
        for start in range(0, len(self._entries), self._size) or [0]:
            yield self._entries[start : start + self._size]


class Hierarchical:
    """Folders are listed, and what is in them right after them."""

    flat = False

    def __init__(self, names: list[str]) -> None:
        self.requests: list[str] = []
        self.names = names

    def list_blobs(self, prefix: str, include: list[str], results_per_page: int) -> Pages:
        self.requests.append(f"list {prefix}")
        names = sorted(filter(lambda name: name.startswith(prefix), {*self.names, *self.folders()}), key=self.place)
        return Pages([self.blob(name) for name in names], results_per_page)

    def walk_blobs(self, prefix: str, include: list[str], results_per_page: int) -> Pages:
        self.requests.append(f"walk {prefix}")
        below = [name for name in self.names if name.startswith(prefix)]
        level = sorted({prefix + name[len(prefix) :].partition("/")[0] for name in below}, key=self.place)
        # A folder is shown as a prefix, and as a blob that bears the mark.
        entries = [shown for name in level for shown in self.shown(name)]
        return Pages(sorted(entries, key=lambda entry: self.place(entry.name)), results_per_page)

    def shown(self, name: str) -> Iterator[Any]:
        if name in {*self.names, *self.folders()}:
            yield self.blob(name)
        if any(other.startswith(f"{name}/") for other in self.names):
            yield BlobPrefix(None, prefix=f"{name}/")

    def folders(self) -> set[str]:
        return {name[:place] for name in self.names for place, sign in enumerate(name) if sign == "/" and place} - set(
            self.names
        )

    def place(self, name: str) -> Any:
        return name.split("/")

    def blob(self, name: str) -> BlobProperties:
        made = BlobProperties(metadata={"hdi_isfolder": "true"} if name in self.folders() else {})
        made.name = name
        return made


class Flat(Hierarchical):
    def folders(self) -> set[str]:
        return set()

    def place(self, name: str) -> Any:
        return name.encode()


def listed(container: Any, prefix: str = "", after: str | None = None, page: int = 2) -> list[str]:
    return [blob.name for blob in Listing(container, page).below(prefix, after)]


@pytest.mark.parametrize("account", [Flat, Hierarchical])
def test_the_order_is_that_of_the_bytes_and_folders_are_left_out(account: type[Hierarchical]) -> None:
    assert listed(account(SEEN)) == sorted(SEEN)


@pytest.mark.parametrize("account", [Flat, Hierarchical])
@pytest.mark.parametrize("page", [1, 2, 5_000])
def test_a_listing_goes_on_after_any_name(account: type[Hierarchical], page: int) -> None:
    for place, name in enumerate(sorted(SEEN)):
        assert listed(account(SEEN), "", name, page) == sorted(SEEN)[place + 1 :]


def test_a_flat_account_costs_one_request_a_page_and_no_walk() -> None:
    container = Flat(SEEN)
    listed(container, page=5_000)
    assert container.requests == ["list "]


def test_a_folder_that_lies_before_the_place_to_go_on_from_is_not_looked_into() -> None:
    container = Hierarchical([f"{month:02}/{day:02}.csv" for month in range(1, 13) for day in range(1, 29)])
    assert listed(container, "", "11/27.csv", 5_000) == ["11/28.csv", *(f"12/{day:02}.csv" for day in range(1, 29))]
    assert len(container.requests) == 3


PART = st.text(st.sampled_from("ab-./0!"), min_size=1, max_size=3).map(lambda text: text.replace("/", "-"))
NAMES = st.lists(st.lists(PART, min_size=1, max_size=3).map("/".join), max_size=12, unique=True)


@given(NAMES, st.integers(1, 4), st.sampled_from([Flat, Hierarchical]), st.none() | PART)
def test_whatever_the_names_the_pages_and_the_account(
    names: list[str], page: int, account: type[Hierarchical], after: str | None
) -> None:
    # In a hierarchical account a name is a file or a folder, not both.
    files = [name for name in names if account is Flat or not any(other.startswith(f"{name}/") for other in names)]
    assert listed(account(files), "", after, page) == sorted(name for name in files if after is None or name > after)


@given(st.lists(st.text(st.sampled_from("a\uffee🚀"), min_size=1, max_size=3), unique=True))
def test_a_page_that_is_in_the_order_of_utf_16_is_put_right(names: list[str]) -> None:
    container = Flat(names)
    container.place = lambda name: name.encode("utf-16-be")  # type: ignore[method-assign]
    assert listed(container, page=5_000) == sorted(names, key=str.encode)
