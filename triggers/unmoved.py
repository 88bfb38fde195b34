"""Pages of a listing that are as they were: nothing about them need be asked again."""

from bisect import bisect_left
from collections.abc import Iterable
from hashlib import blake2b

from triggers.sweep import Page, SweepCounts

_END = "\U0010ffff"  # sorts after every name


class UnmovedPages:
    """What was counted of pages of which everything was known; a digest for each, so that a million objects need
    some hundred kilobytes."""

    def __init__(self) -> None:
        self._pages: dict[str, tuple[bytes, SweepCounts]] = {}

    def __contains__(self, page: Page) -> bool:
        return self._pages.get(page.last or _END, (b"",))[0] == _digest(page)

    def counted(self, page: Page) -> SweepCounts:
        """What there was in this page, which is one of these."""
        return self._pages[page.last or _END][1]

    def keep(self, page: Page, counted: SweepCounts) -> None:
        self._pages[page.last or _END] = _digest(page), counted

    def forget(self, uris: Iterable[str] | None = None) -> None:
        """Drop the pages that these names lie in; without names, all."""
        if uris is None:
            self._pages.clear()
            return
        ends = sorted(self._pages, key=str.encode)
        keys = [end.encode() for end in ends]
        for uri in uris:
            place = bisect_left(keys, uri.encode())
            if place < len(ends):
                self._pages.pop(ends[place], None)


def _digest(page: Page) -> bytes:
    text = "\0".join([page.after or "", *(f"{one.uri}\0{one.version}" for one in page.objects)])
    return blake2b(text.encode(), digest_size=16).digest()
