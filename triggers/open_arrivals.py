"""Arrivals that are in the journal and not in the ledger yet: the stream will take them, nobody need tell of them."""

from collections.abc import Callable, Sequence

from triggers.arrival import Arrival
from triggers.journal import Journal

MOST = 200_000  # held in memory; what is beyond may be journaled twice, which changes nothing

Registered = Callable[[Sequence[Arrival]], Sequence[bool]]


class OpenArrivals:
    """Of a journal's lines those that the ledger does not hold, as of the last `refresh`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._settled = ""  # all files up to this name are registered whole
        self._open: set[tuple[str, str]] = set()

    def __contains__(self, version: tuple[str, str]) -> bool:
        return version in self._open

    def refresh(self, registered: Registered) -> None:
        """Read what was journaled since everything before was registered; `registered` tells of each arrival
        whether the ledger holds it."""
        self._open.clear()
        for name, arrivals in self._journal.since(self._settled):
            told = zip(arrivals, registered(arrivals), strict=True)
            left = {(one.uri, one.version) for one, there in told if not there}
            if not left and not self._open:
                self._settled = name
            if len(self._open) < MOST:
                self._open |= left
