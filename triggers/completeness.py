"""When a file is whole: the `complete` setting of a feed."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

from triggers.errors import BadPolicy, VersionChanged, VersionVanished
from triggers.stores.local import path_of
from triggers.stores.members import MemberStore
from triggers.stores.port import Listed, Store
from triggers.writers import Writers, writers_of

Kind = Literal[
    "auto",  # no writer holds it; where the kernel cannot tell, unchanged for 2 s
    "rename",  # the sender writes elsewhere and moves it in: whole when seen
    "settle",  # unchanged for a given time
    "marker",  # a second file, "<name><ending>", says so
    "manifest",  # a file in the same folder names it
    "checksum",  # a sidecar holds its SHA-256 or MD5, and they agree
]

BUSY = timedelta(milliseconds=100)  # how soon to ask again whether the writer has gone
MISSING = timedelta(seconds=5)  # how soon to look again for a marker, manifest or sidecar

SIDECARS = (".sha256", ".md5", ".CHECKSUM")
_ALGORITHMS = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
_BLOCK = 1024 * 1024
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


def judge(
    listed: Listed,
    now: datetime,
    seen_since: datetime,
    policy: Policy,
    store: Store,
    writers: Callable[[str], Writers] = writers_of,
) -> Verdict:
    """Whether this version is whole, by the feed's policy.

    `seen_since` is when this very version was first seen (UTC): it stands in for a modification time that
    lies in the future. Objects outside of the local disk appear whole, so `auto` trusts them at once.
    Raises Unreadable and StoreUnavailable for markers and sidecars.
    """
    if isinstance(store, MemberStore) and store.archive_of(listed.uri):
        return _whole("its archive was whole")
    try:
        match policy.kind:
            case "rename":
                return _whole("moved in by its sender")
            case "auto":
                return _by_writers(listed, now, seen_since, policy, writers)
            case "settle":
                return _settled(listed, now, seen_since, policy)
            case "marker":
                return _marked(listed, now, policy, store)
            case "manifest":
                return _in_manifest(listed, now, policy, store)
            case "checksum":
                return _summed(listed, now, seen_since, policy, store)
    except (VersionChanged, VersionVanished) as moved:
        return Verdict(False, now + BUSY, f"changed while it was looked at: {moved}")


def _whole(reason: str) -> Verdict:
    return Verdict(True, None, reason)


def _by_writers(
    listed: Listed, now: datetime, seen_since: datetime, policy: Policy, writers: Callable[[str], Writers]
) -> Verdict:
    if not listed.uri.startswith("file:"):
        return _whole("objects of this store appear whole")
    match writers(path_of(listed.uri)):
        case "none":
            return _whole("no process has it open for writing")
        case "some":
            return Verdict(False, now + BUSY, "a process has it open for writing")
        case "unknown":
            return _settled(listed, now, seen_since, policy)


def _settled(listed: Listed, now: datetime, seen_since: datetime, policy: Policy) -> Verdict:
    due = _quiet_at(listed, seen_since, policy)
    quiet = f"unchanged for {policy.settle.total_seconds():g} s"
    return _whole(quiet) if due <= now else Verdict(False, due, f"not yet {quiet}")


def _quiet_at(listed: Listed, seen_since: datetime, policy: Policy) -> datetime:
    return min(listed.modified_at, seen_since) + policy.settle


def _marked(listed: Listed, now: datetime, policy: Policy, store: Store) -> Verdict:
    if store.stat(listed.uri + policy.name) is not None:
        return _whole(f"its marker {policy.name} is there")
    return Verdict(False, now + MISSING, f"its marker {policy.name} is not there yet")


def _in_manifest(listed: Listed, now: datetime, policy: Policy, store: Store) -> Verdict:
    folder, _, name = listed.uri.rpartition("/")
    manifest = store.stat(f"{folder}/{policy.name}")
    if manifest is None:
        return Verdict(False, now + MISSING, f"the manifest {policy.name} is not there yet")
    with store.open(manifest.uri, manifest.version) as lines:
        named = any(_names(line, name) for line in lines)
    if named:
        return _whole(f"the manifest {policy.name} names it")
    return Verdict(False, now + MISSING, f"the manifest {policy.name} does not name it yet")


def _names(line: bytes, name: str) -> bool:
    # A last line without its end may still be growing: `a.csv` of `a.csv.gz`.
    text = line.decode(errors="replace")
    if not text.endswith("\n"):
        return False
    entry = text.strip()
    digest, _, rest = entry.partition(" ")
    return name == entry or (len(digest) in _ALGORITHMS and name == rest.strip().removeprefix("*"))


def _summed(listed: Listed, now: datetime, seen_since: datetime, policy: Policy, store: Store) -> Verdict:
    sidecar = next(filter(None, (store.stat(listed.uri + ending) for ending in SIDECARS)), None)
    if sidecar is None:
        return Verdict(False, now + MISSING, f"its checksum ({', '.join(SIDECARS)}) is not there yet")
    with store.open(sidecar.uri, sidecar.version, 0, 4096) as stream:
        expected = (stream.read().decode(errors="replace").split() or [""])[0].lower()
    name = sidecar.uri.rpartition("/")[2]
    if _digest(listed, store, expected) == expected:
        return _whole(f"its checksum agrees with {name}")
    # Until both have been quiet for a while, either may still be on its way.
    due = max(_quiet_at(listed, seen_since, policy), _quiet_at(sidecar, seen_since, policy))
    if due > now:
        return Verdict(False, due, f"its checksum does not agree with {name} yet")
    return Verdict(False, None, f"its checksum does not agree with {name}: send it again", broken=True)


def _digest(listed: Listed, store: Store, expected: str) -> str | None:
    algorithm = _ALGORITHMS.get(len(expected))
    if algorithm is None:
        return None
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with store.open(listed.uri, listed.version) as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


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
