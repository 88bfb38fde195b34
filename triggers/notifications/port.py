"""What a message can say about objects: a closed union, matched to the end by whoever takes it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Appeared:
    """An object is there: new, written to, or moved in. `sequence` orders events of this uri only."""

    uri: str
    sequence: str | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """An object is gone; what was loaded from it stays."""

    uri: str


@dataclass(frozen=True, slots=True)
class NotOurs:
    """A message about something else: a test event, another bucket, another kind of event."""

    reason: str


@dataclass(frozen=True, slots=True)
class Garbled:
    """A message that nobody can read."""

    reason: str


Notification = Appeared | Deleted | NotOurs | Garbled

# Pure; never raises for any bytes. One message may speak of many objects.
Parse = Callable[[bytes], list[Notification]]
