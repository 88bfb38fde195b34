"""When a file is whole: the `complete` setting of a feed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

from triggers.errors import BadPolicy

Kind = Literal[
    "auto",  # no writer holds it; where the kernel cannot tell, unchanged for 2 s
    "rename",  # the sender writes elsewhere and moves it in: whole when seen
    "settle",  # unchanged for a given time
    "marker",  # a second file, "<name><ending>", says so
    "manifest",  # a file in the same folder names it
    "checksum",  # a sidecar holds its SHA-256 or MD5, and they agree
]

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Policy:
    """One value of `complete`; `name` is the marker's ending or the manifest's name."""

    kind: Kind
    settle: timedelta = timedelta(seconds=2)
    name: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a version is whole. Not whole: ask again at `due_at` (UTC). Broken: it never will be."""

    complete: bool
    due_at: datetime | None
    reason: str
    broken: bool = False


@lru_cache(maxsize=256)
def parse(text: str) -> Policy:
    """The policy behind `auto`, `rename`, `settle:10s`, `marker:.done`, `manifest:NAME` or `checksum`.

    Raises BadPolicy, which says what is allowed.
    """
    kind, colon, value = text.strip().partition(":")
    match kind:
        case "auto" | "rename" | "checksum":
            if colon:
                raise BadPolicy(text, f"{kind} takes no value")
            return Policy(kind)
        case "settle":
            return Policy(kind, settle=_duration(text, value))
        case "marker" | "manifest":
            return Policy(kind, name=_name(text, value))
    raise BadPolicy(text, f"there is no policy {kind!r}")


def _duration(text: str, value: str) -> timedelta:
    number = value.strip().rstrip("msh")
    unit = value.strip()[len(number) :]
    if not number.replace(".", "", 1).isdecimal() or unit not in _UNITS:
        raise BadPolicy(text, "the time is a number and a unit of ms, s, m or h, as in settle:10s")
    return timedelta(seconds=float(number) * _UNITS[unit])


def _name(text: str, value: str) -> str:
    if not value or "/" in value:
        raise BadPolicy(text, "it wants a name without a slash")
    return value
