"""What was journaled a moment ago: queues tell of one write twice, kernels of every step of it."""

from collections import OrderedDict
from datetime import datetime, timedelta

from triggers.arrival import Arrival

REMEMBERED = timedelta(seconds=5)  # how long the echoes of one write are known to be echoes
MOST = 100_000  # uris, and versions, that are remembered


class Echoes:
    """One feed's memory. It forgets sooner rather than later: what it lets through twice, the ledger takes once.

    A version with a sequence is an echo when that version was journaled with this sequence or a later one: a return
    of old bytes has a later one. Without sequences it is an echo for a few seconds, while no other version came.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._sequences: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._last: OrderedDict[str, tuple[str, datetime]] = OrderedDict()

    def knows(self, uri: str, version: str, sequence: str | None, now: datetime) -> bool:
        """Whether this is the echo of what was journaled."""
        if sequence is not None:
            return sequence <= self._sequences.get((uri, version), "")
        last, at = self._last.get(uri, ("", now))
        return last == version and now - at < REMEMBERED

    def remember(self, arrival: Arrival, now: datetime) -> None:
        """It is in the journal."""
        if arrival.sequence is not None:
            key = (arrival.uri, arrival.version)
            self._sequences[key] = max(arrival.sequence, self._sequences.pop(key, ""))
        self._last[arrival.uri] = arrival.version, now
        self._last.move_to_end(arrival.uri)
        for kept in (self._sequences, self._last):
            while len(kept) > self._most:
                kept.popitem(last=False)

    def forget(self, uri: str) -> None:
        """The object went: if it is there again, it is news."""
        self._last.pop(uri, None)
