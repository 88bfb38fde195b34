"""The hooks of one app: who is believed, and where what they bring is written down."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from api.hooks import sns
from api.hooks.desk import Desk
from api.hooks.event_grid import EventGrid
from api.hooks.fetching import Fetch, Sparing, fetch
from api.hooks.pubsub import PubSub
from api.hooks.sns import Sns
from streaming.event_settings import HookEvents, HookName
from streaming.journaling import LetterBox, live_journal
from streaming.settings import Settings
from triggers.letters import KeepLetters
from triggers.listener import Listener
from triggers.notifications import azure, gcs, s3
from triggers.notifications.port import Parse
from triggers.sources import Source
from triggers.watched import Watched

_PARSE: dict[HookName, Parse] = {"aws-sns": s3.parse, "azure-event-grid": azure.parse, "gcs-pubsub": gcs.parse}


class Door:
    """A hook without a table in `[hooks]` is None. `refused` counts by path. Raises SettingsError."""

    def __init__(
        self,
        settings: Settings,
        dsn: str,
        fetched: Fetch = fetch,
        clock: Callable[[], datetime] = sns.utc_now,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        told, keep = settings.hooks, LetterBox(lambda: dsn)
        self.sns = Sns(told.aws_sns.topics, Sparing(fetched), clock) if told.aws_sns else None
        self.event_grid = EventGrid(told.azure_event_grid, Sparing(fetched), environ) if told.azure_event_grid else None
        self.pubsub = PubSub(told.gcs_pubsub, Sparing(fetched)) if told.gcs_pubsub else None
        self.desks = {name: _desk(name, settings, keep) for name in told.names}
        self.refused: Counter[str] = Counter()

    @property
    def listeners(self) -> list[Listener]:
        """What they count, for metrics."""
        return [desk.listener for desk in self.desks.values()]


def _desk(name: HookName, settings: Settings, keep: KeepLetters) -> Desk:
    return Desk(f"/hooks/{name}", list(_watched(name, settings)), _PARSE[name], keep)


def _watched(hook: HookName, settings: Settings) -> Iterator[Watched]:
    for name, feed in settings.feeds.items():
        if isinstance(feed.events, HookEvents) and feed.events.hook == hook:
            source = Source.parse(feed.source)
            store = settings.stores.of(source.prefix)
            yield Watched(name, source, store, live_journal(settings, name), feed.complete)
