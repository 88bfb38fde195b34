"""Arrivals that are in the journal and maybe not in the ledger yet: the stream takes them, nobody need tell of them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from triggers.arrival import Arrival
from triggers.journal import Journal, earlier

MOST = 200_000  # held in memory; what is beyond may be journaled twice, which changes nothing

#: Names come from the clocks of several writers: a file may come late, by its name, for so long.
LOOK_BACK = timedelta(minutes=1)

Version = tuple[str, str]  # uri and version
Registered = Callable[[Sequence[Version]], Sequence[bool]]


class OpenArrivals:
    """What a journal's lines tell of, as of the last `refresh`. Each file is read once, and the ledger is asked only
    when more than `most` are held: what it holds may be in here too, or not."""

    def __init__(self, journal: Journal, most: int = MOST) -> None:
        self._journal, self._most = journal, most
        self._after = ""  # of files up to this name none is read any more
        self._read: set[str] = set()  # and of those behind it these not
        self._oldest = ""  # what older files told of may have been pruned before the stream took it
        self._told: dict[Version, str] = {}  # with the name of the last file that told of it

    def __contains__(self, version: Version) -> bool:
        told = self._told.get(version)
        return told is not None and told >= self._oldest

    def refresh(self, registered: Registered) -> None:
        """Read what was journaled since the last time; `registered` tells of each version whether the ledger holds
        it, and is asked where room must be made. Raises JournalUnwritable."""
        names = self._journal.names()
        if not names:
            self._told.clear()
            return
        self._oldest = names[0]
        for name in names:
            if name > self._after and name not in self._read:
                self._add(name, self._journal.read(name) or (), registered)
        self._after = earlier(names[-1], LOOK_BACK)
        self._read = {name for name in self._read if name > self._after}

    def _add(self, name: str, arrivals: Iterable[Arrival], registered: Registered) -> None:
        for one in arrivals:
            self._told[one.uri, one.version] = name
        self._read.add(name)
        if len(self._told) > self._most:
            self._make_room(registered)

    def _make_room(self, registered: Registered) -> None:
        """At least half of it, so that the ledger is asked about each version a few times at most, however many come
        and wait."""
        held = [version for version in self._told if version in self]
        left = [version for version, there in zip(held, registered(held), strict=True) if not there]
        self._told = {version: self._told[version] for version in left[len(left) - self._most // 2 :]}
