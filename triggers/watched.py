"""What a listener listens for: one feed, where it lies, and when its files are whole."""

from dataclasses import dataclass
from datetime import datetime

from triggers.arrival import Arrival
from triggers.completeness import SIDECARS, Policy, parse
from triggers.journal import Journal
from triggers.listener_counts import Reason
from triggers.names import ignored_reason
from triggers.notifications.port import Appeared
from triggers.sources import Source
from triggers.stores.port import Listed, Store


@dataclass(frozen=True, slots=True)
class Watched:
    """One feed of a queue, with the store to ask and the journal to write to."""

    feed: str
    source: Source
    store: Store
    journal: Journal
    complete: str = "auto"

    @property
    def policy(self) -> Policy:
        """When a file of this feed is whole."""
        return parse(self.complete)

    def leaves(self, uri: str) -> Reason | None:
        """Why an object is no arrival of this feed; None where it is one."""
        if self.source.matches(uri) and ignored_reason(uri, self.complete, self.source.prefix) is None:
            return None
        return "by_name" if uri.startswith(self.source.prefix) else "elsewhere"

    def shown_by(self, told: Appeared, now: datetime) -> Listed | None:
        """The object as its event shows it, where that is enough: no store need be asked then.

        It is not on a disk, where files are seen half written, nor where another file tells that this one is whole.
        """
        if told.version is None or told.size is None or told.uri.startswith("file:"):
            return None
        if self.policy.kind not in ("auto", "rename"):
            return None
        return Listed(told.uri, told.version, told.size, told.modified_at or now)

    def arrival(self, listed: Listed, sequence: str | None) -> Arrival:
        """For the journal."""
        return Arrival(self.feed, listed.uri, listed.version, listed.size, listed.modified_at, sequence, "events")

    def awaited_by(self, uri: str) -> tuple[list[str], str | None]:
        """What a marker, checksum or manifest lets through: the files that it is named after, or a whole folder."""
        folder, _, name = uri.rpartition("/")
        if self.policy.kind == "manifest":
            return [], folder if name == self.policy.name else None
        endings = {"marker": (self.policy.name,), "checksum": SIDECARS}.get(self.policy.kind, ())
        return [uri.removesuffix(ending) for ending in endings if name.endswith(ending)], None
