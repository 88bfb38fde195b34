"""Which of the layouts that come along a sample is in: told by its name and content, and by trying it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from streaming.errors import FileBroken
from streaming.profiles import catalogue
from streaming.profiles.header_names import name_key
from streaming.profiles.profile import SETTABLE, Profile
from streaming.reading.headers import header_names
from streaming.suggesting.landing import landed
from streaming.suggesting.sample import Sample
from streaming.trial import Trial

LOOKED = 60  # lines in which the header or the first record is looked for
DISTINCT = 6  # so many columns in one order are no chance; fewer need the file's name beside them
FEW = 30  # records of which a single one that is rejected tells nothing
DEMO = "demo-"


@dataclass(slots=True)
class Candidate:
    """A layout and how far the samples are in it. `missing`: values that the feed has to give."""

    profile: Profile
    named: bool
    trials: list[Trial]
    missing: dict[str, str] = field(default_factory=dict)
    why_not: str = ""

    @property
    def records(self) -> int:
        """The records of all samples."""
        return sum(trial.counts.records for trial in self.trials)

    @property
    def rejected(self) -> int:
        """Of these so many that could not become trades."""
        return sum(trial.counts.rejected for trial in self.trials)

    @property
    def reason(self) -> str:
        """Why the first file with rejects has most of them; empty without any."""
        return next((trial.reasons.most_common(1)[0][0] for trial in self.trials if trial.reasons), "")

    @property
    def doubt(self) -> str:
        """What there is to ask though no layout fits better; empty where nine of ten records would load."""
        if self.rejected * 10 <= self.records or (self.records < FEW and self.rejected < 2):
            return ""
        return (
            f"looks like {self.profile.name}, but {self.rejected} of {self.records} records are rejected: "
            f"{self.reason}; is it this layout?"
        )

    @property
    def rank(self) -> tuple[object, ...]:
        """The better one is less: told by name, fewer rejects, the longer description of the name."""
        match = self.profile.match
        share = self.rejected / max(self.records, 1)
        length = len(match.name if match else "")
        return (match is None, share, not self.named, self.other_days, -length, bool(self.missing))

    @property
    def other_days(self) -> bool:
        """Whether the trades are of days for which a variant of the layout is the right one."""
        days = [day for trial in self.trials for day in (trial.counts.min_date, trial.counts.max_date) if day]
        since, until = self.profile.since, self.profile.until
        return any(bool((since and day < since) or (until and day > until)) for day in days)


def told(samples: Sequence[Sample]) -> tuple[Candidate | None, list[Candidate]]:
    """The layout that the samples are in, if any, and those that they nearly are in, with what is against them."""
    candidates = sorted(
        (one for profile in _shipped() for one in _candidate(samples, profile)), key=lambda one: one.rank
    )
    found = next((one for one in candidates if not one.why_not), None)
    return found, [one for one in candidates if one is not found and one.why_not]


@cache
def _shipped() -> tuple[Profile, ...]:
    return tuple(Profile.load(name) for name in catalogue.names() if not name.startswith(DEMO))


def _candidate(samples: Sequence[Sample], profile: Profile) -> Iterator[Candidate]:
    if not all(_has_content(sample, profile) for sample in samples):
        return
    named = all(_has_name(sample, profile) for sample in samples)
    missing = _missing(samples, profile)
    one = Candidate(profile, named, landed(samples, profile.with_values(missing) if missing else profile), missing)
    one.why_not = _why_not(one, samples)
    if profile.match is not None or not one.why_not:
        yield one


def _has_content(sample: Sample, profile: Profile) -> bool:
    """Whether the header and the first record are as the layout has them; one without `match` is only tried."""
    match = profile.match
    if match is None:
        return profile.dialect.header
    lines = _lines(sample, profile)
    header = not match.header or any(_has_names(line, profile) for line in lines)
    return header and (not match.first or any(re.search(match.first, line) for line in lines)) and _is_told(profile)


def _is_told(profile: Profile) -> bool:
    return profile.match is not None and bool(profile.match.header or profile.match.first)


def _lines(sample: Sample, profile: Profile) -> list[str]:
    text = sample.data.decode(profile.dialect.encoding, "replace").removeprefix("\ufeff")
    return re.split(r"\r\n|\r|\n", text)[:LOOKED]


def _has_names(line: str, profile: Profile) -> bool:
    key, match = name_key(profile.dialect), profile.match
    try:
        held = {key(name) for name in header_names(line.encode(), profile.dialect)}
    except FileBroken:
        return False
    return match is not None and {key(name) for name in match.header} <= held


def _has_name(sample: Sample, profile: Profile) -> bool:
    name = profile.match.name if profile.match else ""
    return bool(re.search(name, sample.uri if "/" in name else sample.name))


def _missing(samples: Sequence[Sample], profile: Profile) -> dict[str, str]:
    """Values that stand in the usual names of such files, or nowhere, and have to be given."""
    if profile.quotes_only:
        return {}
    rules = profile.columns.rules()
    wanted = {role: rule.groups for role, rule in rules.items() if role in SETTABLE and rule.groups}
    lost = [
        role
        for role, groups in wanted.items()
        for one in samples
        if not set(groups) <= set(profile.path_values(one.uri))
    ]
    return dict.fromkeys([*lost, *(["symbol"] if "symbol" not in rules else [])], "UNKNOWN")


def _why_not(one: Candidate, samples: Sequence[Sample]) -> str:
    problem = next((trial.problem for trial in one.trials if trial.problem), None)
    landing = sum(trial.counts.trades + trial.counts.ignored for trial in one.trials)
    if problem:
        return problem
    if one.rejected * 2 > one.records or not landing:
        return f"{one.rejected} of {one.records} records would be rejected: {one.reason or 'no record is in it'}"
    if one.profile.match is None and (one.rejected or one.missing):
        return "other columns or values"
    if not one.named and _columns(one.profile) < DISTINCT:
        return "the columns fit, but they are too few to tell by, and the file's name is not such a one"
    return _out_of_date(one, samples)


def _columns(profile: Profile) -> int:
    return max(len(profile.match.header) if profile.match else 0, len(profile.dialect.columns))


def _out_of_date(one: Candidate, samples: Sequence[Sample]) -> str:
    """Variants of a layout are told apart by the days of the files' names; a file may hold older trades."""
    days = [day for sample in samples if (day := one.profile.date_of(sample.uri))]
    since, until = one.profile.since, one.profile.until
    if any(since and day < since for day in days):
        return f"the layout is that of files since {since}"
    return f"the layout is that of files until {until}" if any(until and day > until for day in days) else ""
