"""Read one file through a profile without loading it: its books, its first rows as they would land, its rejects."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from streaming.errors import FileBroken
from streaming.passage.parsing import SplitCounts, read_split
from streaming.profiles.profile import Profile
from streaming.reading.splits import SourceFile, whole
from streaming.units import Ceiling
from streaming.values.zones import EPOCH
from triggers.errors import SetAside
from triggers.stores.port import Listed, Store

ACTIONS = ("new", "correct", "cancel")


@dataclass(slots=True)
class Trial:
    """What became of a file. `problem` says why the whole of it would be set aside, None if it would be loaded."""

    uri: str
    counts: SplitCounts
    problem: str | None = None
    trades: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[dict[str, Any]] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)


def tried(listed: Listed, profile: Profile, store: Store, rows: int, ceiling: Ceiling) -> Trial:
    """Read the whole file; keep the first `rows` trades and rejects. Raises what Store.open does."""
    reader = read_split(whole(SourceFile(0, listed.uri, listed.version, listed.size)), profile, store)
    trial = Trial(listed.uri, reader.counts)
    try:
        for page in reader:
            trial.trades += map(landed, page.trades.slice(0, max(0, rows - len(trial.trades))).to_pylist())
            trial.rejects += map(refused, page.rejects.slice(0, max(0, rows - len(trial.rejects))).to_pylist())
            trial.reasons.update(_kind(reject) for reject in page.rejects.to_pylist())
    except (FileBroken, SetAside) as error:
        trial.problem = str(error)
    counts = reader.counts
    if not trial.problem and ceiling.exceeded(counts.rejected, counts.records):
        trial.problem = f"{counts.rejected} of {counts.records} records rejected, more than max_rejects = {ceiling}"
    return trial


def landed(trade: dict[str, Any]) -> dict[str, Any]:
    """A staged trade under the names and with the time that the table has; values that are not set are left out."""
    moment = event_time(trade) if trade["event_us"] is not None else None
    named = {"line": trade.get("line"), "action": ACTIONS[trade["action"]], "event_time": moment}
    rest = {key: value for key, value in trade.items() if key not in ("line", "action", "event_us", "event_nanos")}
    return {key: value for key, value in (named | rest).items() if value is not None}


def event_time(trade: dict[str, Any]) -> str:
    """The instant of a staged trade: ISO 8601 in UTC, to the nanosecond, which no datetime of Python has."""
    at = EPOCH + timedelta(microseconds=trade["event_us"])
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}{trade['event_nanos']:03d}Z"


def refused(reject: dict[str, Any]) -> dict[str, Any]:
    """A staged reject under the names that the table has."""
    return {"column_name" if key == "column" else key: value for key, value in reject.items()}


def _kind(reject: dict[str, Any]) -> str:
    """The reason without the value it quotes, so that equal faults are counted as one."""
    reason: str = reject["reason"]
    before, quote, after = reason.partition('"')
    return f"{before}…{after.partition(quote)[2]}" if quote else reason
