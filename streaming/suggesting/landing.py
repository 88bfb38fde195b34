"""The sample through the real pass: what would land, and what would be rejected."""

from __future__ import annotations

from collections.abc import Sequence

from streaming.profiles.profile import Profile
from streaming.suggesting.sample import Sample
from streaming.trial import Trial, tried
from streaming.units import Ceiling

ROWS = 10
ALL = Ceiling.parse("100%")


def landed(samples: Sequence[Sample], profile: Profile) -> list[Trial]:
    """Each sample read by the profile, with its first rows and rejects."""
    return [tried(one.listed, _for(one, profile), one, ROWS, ALL) for one in samples]


def _for(sample: Sample, profile: Profile) -> Profile:
    """The beginning of a file has no trailer."""
    if sample.whole or profile.dialect.trailer is None:
        return profile
    return profile.model_copy(update={"dialect": profile.dialect.model_copy(update={"trailer": None})})
