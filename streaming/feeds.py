"""A feed with its profile and all defaults resolved: what a job needs, frozen and picklable."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from sinks.work import Rules
from streaming.errors import ProfileError, SettingsError
from streaming.feed_settings import AfterLoad, Feed, OnOverwrite, Partition
from streaming.profiles.profile import Profile
from streaming.settings import Settings
from streaming.tables import Batch, Discovery
from streaming.through_spark import ThroughSpark
from streaming.units import Ceiling
from triggers import completeness
from triggers.queues.places import Hook, Place
from triggers.sources import Source
from triggers.stores import Listed, Stores, archive_names
from triggers.sweep import days_of


@dataclass(frozen=True, slots=True)
class Clearance:
    """What becomes of an object so long after it was loaded; `to` is the place of the archive, without a last slash."""

    after_load: AfterLoad = "keep"
    after: timedelta = timedelta(days=7)
    to: str | None = None

    @property
    def every(self) -> float:
        """Seconds between two looks at what may go: as long as an object waits, from a second to an hour."""
        return min(max(self.after.total_seconds(), 1.0), 3600.0)


@dataclass(frozen=True, slots=True)
class FeedPlan:
    """One feed. `source.prefix` is listed and watched, ends in a slash; `source.glob` filters below it."""

    name: str
    dataset: str
    source: Source
    profile: Profile
    discovery: Discovery
    complete: str
    max_rejects: Ceiling
    on_overwrite: OnOverwrite
    partition: Partition
    limits: Batch
    max_writers: int
    events: Place | Hook | None = None
    name_order: bool = False
    clearance: Clearance = field(default_factory=Clearance)
    stores: Stores = field(default_factory=Stores)
    by_spark: bool = False

    @property
    def policy(self) -> completeness.Policy:
        """When a file of this feed is whole."""
        return completeness.parse(self.complete)

    @property
    def rules(self) -> Rules:
        """What the merge must know of identity and overwriting."""
        identity = self.profile.identity
        return Rules(
            identity.kind, identity.unique, identity.scope, self.on_overwrite, self.partition, self.profile.repeats
        )

    def days_of(self, listed: Listed) -> tuple[date, date]:
        """The days an object covers: the profile's date in its path, else what the sweep finds there."""
        day = self.profile.date_of(listed.uri)
        return (day, day) if day else days_of(listed)

    def reads(self, uri: str) -> bool:
        """Whether a file is one of the feed's, by its own name or by that of the archive it lies in."""
        return any(map(self.source.matches, (uri, *archive_names(uri))))

    @property
    def prefix(self) -> str:
        return self.source.prefix

    @property
    def log_context(self) -> dict[str, str]:
        return {"feed": self.name, "prefix": self.source.prefix}


def plan(name: str, feed: Feed, settings: Settings) -> FeedPlan:
    """Resolves one feed; raises ProfileError when its layout is unknown or wrong."""
    profile = _profile(name, feed)
    return FeedPlan(
        name=name,
        dataset=feed.dataset or name,
        source=Source.parse(feed.source),
        profile=profile,
        discovery=feed.found_by,
        complete=feed.complete,
        max_rejects=feed.max_rejects,
        on_overwrite=feed.on_overwrite or profile.on_overwrite,
        partition=feed.partition or profile.partition,
        limits=settings.batch,
        max_writers=settings.database.max_writers,
        events=feed.events.place if feed.events else None,
        name_order=feed.name_order,
        clearance=Clearance(feed.after_load, feed.after_load_after, feed.archive_to),
        stores=Stores(settings.access, ThroughSpark()) if feed.by_spark else settings.stores,
        by_spark=feed.by_spark,
    )


def _profile(name: str, feed: Feed) -> Profile:
    try:
        profile = Profile.load(feed.profile, feed.override)
    except ProfileError as error:
        raise (ProfileError(f"feeds.{name}.override: {error}") if feed.override else error) from None
    return profile.with_values(feed.values) if feed.values else profile


def plans(settings: Settings, names: Iterable[str] = ()) -> list[FeedPlan]:
    """The named feeds, or all, in the file's order.

    Raises SettingsError for an unknown name, for no feed at all, and where feeds of one dataset would not
    agree on what makes two rows the same trade.
    """
    wanted = list(dict.fromkeys(names)) or list(settings.feeds)
    if not wanted:
        raise SettingsError("no feed is configured; add a table [feeds.NAME] with source and profile")
    everything = [plan(name, feed, settings) for name, feed in settings.feeds.items()]
    _check_datasets(everything)
    _check_clearances(everything)
    _check_archives(everything)
    for name in wanted:
        if name not in settings.feeds:
            raise SettingsError(_no_such_feed(name, list(settings.feeds)))
    return [one for one in everything if one.name in wanted]


def _check_datasets(everything: list[FeedPlan]) -> None:
    first: dict[str, FeedPlan] = {}
    for one in everything:
        other = first.setdefault(one.dataset, one)
        if (one.profile.identity, one.partition) != (other.profile.identity, other.partition):
            raise SettingsError(
                f"feeds.{one.name} and feeds.{other.name} share the dataset {one.dataset!r}, but not their "
                "identity or partition; give one of them a dataset of its own"
            )


def _check_clearances(everything: list[FeedPlan]) -> None:
    """Where trades have ids, withdrawing one asks every file of its dates for it again: none could ever go."""
    for one in everything:
        replacing = [o.name for o in everything if o.dataset == one.dataset and o.on_overwrite == "replace"]
        if one.clearance.after_load != "keep" and replacing and one.profile.identity.kind == "id":
            raise SettingsError(
                f'feeds.{one.name}.after_load = "{one.clearance.after_load}": with on_overwrite = "replace" '
                f"(feeds.{replacing[0]}) a replaced file asks for the other files of its dates again, so that none may "
                'go; set on_overwrite = "merge", or after_load = "keep"'
            )


def _check_archives(everything: list[FeedPlan]) -> None:
    for one in everything:
        place = f"{one.clearance.to}/"
        readers = [o.name for o in everything if place.startswith(o.source.prefix) and o.source.glob is None]
        if one.clearance.to is not None and readers:
            raise SettingsError(
                f"feeds.{one.name}.archive_to lies within the source of feeds.{readers[0]}: what is archived would be "
                "loaded again; name a place outside"
            )


def _no_such_feed(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return f"there is no feed {name!r}{hint}; configured are {', '.join(known) or 'none'}"
