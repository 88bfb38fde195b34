"""What a message can say about objects: a closed union, matched to the end by whoever takes it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Appeared:
    """An object is there: new, written to, or moved in. `sequence` orders events of this uri only.

    Where the message tells version (as the store's listing shows it) and size (bytes), the store need not be asked.
    `modified_at` is the event's time, aware, in UTC: it stands in until the object is read.
    """

    uri: str
    sequence: str | None = None
    version: str | None = None
    size: int | None = None
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """An object is gone; what was loaded from it stays."""

    uri: str


@dataclass(frozen=True, slots=True)
class Renamed:
    """An object has another name: it appeared there, and is gone from the old uri."""

    old: str
    appeared: Appeared


@dataclass(frozen=True, slots=True)
class NotOurs:
    """A message about something else: a test event, another bucket, another kind of event."""

    reason: str


@dataclass(frozen=True, slots=True)
class Garbled:
    """A message that nobody can read."""

    reason: str


Notification = Appeared | Deleted | Renamed | NotOurs | Garbled

# Pure; never raises for any bytes. One message may speak of many objects.
Parse = Callable[[bytes], list[Notification]]
