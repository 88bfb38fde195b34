"""What `tradewind suggest` answers: a layout that is known, or a proposal that loads; both tried on the sample."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from streaming.errors import SuggestError
from streaming.profiles.catalogue import path_of
from streaming.profiles.profile import Profile
from streaming.suggesting.kinds import Column
from streaming.suggesting.known import Candidate, told
from streaming.suggesting.landing import landed
from streaming.suggesting.proposing import proposed
from streaming.suggesting.sample import Sample
from streaming.suggesting.writing import written
from streaming.trial import Trial


@dataclass(slots=True)
class Answer:
    """`toml` is the profile's text; `known` names the layout it comes from, None for a proposal; `doubt` says, as one
    of the questions, why it may be another one all the same."""

    profile: Profile
    toml: str
    known: str | None
    questions: list[str]
    trials: list[Trial]
    near: list[Candidate] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    doubt: str = ""


def suggested(samples: Sequence[Sample], name: str | None = None) -> Answer:
    """The profile for files of one layout, by their beginnings.

    Raises SuggestError, which says what is missing, where none can be proposed.
    """
    known, near = told(samples)
    return _known(known, near) if known else _proposed(samples, near, name or _called(samples[0]))


def _known(known: Candidate, near: list[Candidate]) -> Answer:
    questions = [known.doubt] if known.doubt else []
    questions += [
        f'{key} is not in the file or its name: give it to the feed, values = {{ {key} = "…" }}'
        for key in known.missing
    ]
    if not known.named:
        questions.append("told by the columns alone, the file's name is not such a one: is it this layout?")
    text = path_of(known.profile.name).read_text("utf-8")
    return Answer(known.profile, text, known.profile.name, questions, known.trials, near, doubt=known.doubt)


def _proposed(samples: Sequence[Sample], near: list[Candidate], name: str) -> Answer:
    proposal, columns = proposed(samples, name)
    text = _HEAD + written(proposal)
    profile = _valid(text)
    trials = landed(samples, profile)
    problem = next((trial.problem for trial in trials if trial.problem), None)
    if problem:
        raise SuggestError(f"a proposal was made, but with it {problem}\n{text}")
    return Answer(profile, text, None, proposal.questions(), trials, near, columns)


_HEAD = (
    "# Proposed by `tradewind suggest` from the beginning of the files. Answer each QUESTION, then take its line out.\n"
)


def _valid(text: str) -> Profile:
    try:
        return Profile.model_validate(tomllib.loads(text))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise SuggestError(f"what could be told makes no profile: {error}\n{text}") from error


def _called(sample: Sample) -> str:
    """A name from the file's, without its date and numbers."""
    stem = re.sub(r"\d+", "", sample.name.split(".")[0]).lower()
    return re.sub(r"[^a-z]+", "-", stem).strip("-") or "trades"
