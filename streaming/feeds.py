"""A feed with its profile and all defaults resolved: what a job needs, frozen and picklable, settings only."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from streaming.profiles import Profile
from streaming.settings import Discovery, Feed, OnOverwrite, Partition, Settings, SettingsError
from streaming.units import Ceiling
from triggers import completeness
from triggers.sources import Source


@dataclass(frozen=True, slots=True)
class FeedPlan:
    """One feed. `source.prefix` is listed and watched, ends in a slash; `source.glob` filters below it."""

    name: str
    dataset: str
    source: Source
    profile: Profile
    discovery: Discovery
    complete: completeness.Policy
    max_rejects: Ceiling
    on_overwrite: OnOverwrite
    partition: Partition
    events: dict[str, Any] | None = None

    @property
    def prefix(self) -> str:
        return self.source.prefix

    @property
    def log_context(self) -> dict[str, str]:
        return {"feed": self.name, "prefix": self.source.prefix}


def plan(name: str, feed: Feed) -> FeedPlan:
    """Resolves one feed; raises ProfileError when its layout is unknown or wrong."""
    profile = Profile.load(feed.profile)
    profile = profile.with_values(feed.values) if feed.values else profile
    return FeedPlan(
        name=name,
        dataset=feed.dataset or name,
        source=Source.parse(feed.source),
        profile=profile,
        discovery=feed.found_by,
        complete=completeness.parse(feed.complete),
        max_rejects=feed.max_rejects,
        on_overwrite=feed.on_overwrite or _on_overwrite(profile),
        partition=feed.partition or profile.partition,
        events=feed.events,
    )


def plans(settings: Settings, names: Iterable[str] = ()) -> list[FeedPlan]:
    """The named feeds, or all, in the file's order.

    Raises SettingsError for an unknown name, for no feed at all, and where feeds of one dataset would not agree
    on what makes two rows the same trade.
    """
    wanted = list(dict.fromkeys(names)) or list(settings.feeds)
    if not wanted:
        raise SettingsError("no feed is configured; add a table [feeds.NAME] with source and profile")
    everything = [plan(name, feed) for name, feed in settings.feeds.items()]
    _check_datasets(everything)
    for name in wanted:
        if name not in settings.feeds:
            raise SettingsError(_no_such_feed(name, list(settings.feeds)))
    return [one for one in everything if one.name in wanted]


def _on_overwrite(profile: Profile) -> OnOverwrite:
    # Without ids a changed line is another trade: the old one has to go with the old version.
    return "replace" if profile.identity.kind == "content" else "merge"


def _check_datasets(everything: list[FeedPlan]) -> None:
    first: dict[str, FeedPlan] = {}
    for one in everything:
        other = first.setdefault(one.dataset, one)
        if (one.profile.identity, one.partition) != (other.profile.identity, other.partition):
            raise SettingsError(
                f"feeds.{one.name} and feeds.{other.name} share the dataset {one.dataset!r}, but their identity or "
                "partition differs; give one of them a dataset of its own"
            )


def _no_such_feed(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return f"there is no feed {name!r}{hint}; configured are {', '.join(known) or 'none'}"
