"""Files of a feed that were told of and are not known to be whole: looked at until they are."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from triggers.completeness import judge
from triggers.deliveries import Delivery
from triggers.stores.port import Listed
from triggers.watched import Watched
from triggers.writers import Writers

UNREADABLE = timedelta(seconds=10)  # how soon to look again at a file that could not be looked at


@dataclass(slots=True)
class Held:
    """One file; `listed` is the version seen last, `deliveries` the messages that speak of it."""

    due_at: datetime
    seen_since: datetime
    sequence: str | None
    listed: Listed | None = None
    deliveries: list[Delivery] = field(default_factory=list)


class WaitingRoom:
    """By uri. What becomes of a file is for its caller to say."""

    def __init__(self, watched: Watched, writers: Callable[[str], Writers]) -> None:
        self._watched, self._writers = watched, writers
        self._held: dict[str, Held] = {}

    def __len__(self) -> int:
        return len(self._held)

    def soonest(self) -> datetime | None:
        """When the next file is to be looked at."""
        return min((held.due_at for held in self._held.values()), default=None)

    def hold(self, uri: str, sequence: str | None, delivery: Delivery, now: datetime) -> list[Delivery]:
        """Wait for a file; gives back the older messages of it, for which the new one stands from now on."""
        held = self._held.setdefault(uri, Held(now, now, sequence))
        older, held.deliveries, held.due_at = held.deliveries, [delivery], now
        held.sequence = max(filter(None, (held.sequence, sequence)), default=None)
        return older

    def look_soon(self, uri: str, now: datetime) -> None:
        """Something happened to a file: only the store knows how it is now, for events come in any order."""
        if held := self._held.get(uri):
            held.due_at = now

    def companion(self, uri: str, now: datetime) -> None:
        """A marker, manifest or checksum came: look at once at the files that wait for it."""
        names, folder = self._watched.awaited_by(uri)
        for name in names:
            self.look_soon(name, now)
        if folder is not None:
            for other in self._held:
                if other.rpartition("/")[0] == folder:
                    self.look_soon(other, now)

    def due(self, now: datetime) -> list[tuple[str, Held]]:
        """What is to be looked at now."""
        return [(uri, held) for uri, held in self._held.items() if held.due_at <= now]

    def look(self, uri: str, held: Held, now: datetime) -> Listed | None:
        """The file as the store shows it, or None where it is gone. Raises SetAside and TryAgain, after which it is due
        a while later."""
        held.due_at = now + UNREADABLE
        listed = self._watched.store.stat(uri)
        if listed and (held.listed is None or held.listed.version != listed.version):
            held.listed, held.seen_since = listed, now
        return listed

    def is_whole(self, held: Held, listed: Listed, now: datetime) -> bool:
        """Whether the wait is over; else the file is due again later. Raises what `look` raises."""
        verdict = judge(listed, now, held.seen_since, self._watched.policy, self._watched.store, self._writers)
        if not verdict.complete and verdict.due_at is not None:
            held.due_at = verdict.due_at
            return False
        # A broken file is an arrival too: the ledger is where it is set aside.
        return True

    def let_go(self, uri: str) -> list[Delivery]:
        """Wait no more; gives back the messages that spoke of the file."""
        held = self._held.pop(uri, None)
        return held.deliveries if held else []
