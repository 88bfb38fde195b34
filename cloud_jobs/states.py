"""A service's own word for how a job is, in the one vocabulary; and its end, which may come by itself meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cloud_jobs.errors import Refused
from cloud_jobs.job import JobState, Status


def state_of(word: str, known: Mapping[str, JobState], service: str) -> JobState:
    """Raises Refused for a word that this version does not know: a guess could start a second stream."""
    if word in known:
        return known[word]
    raise Refused(f"{service} says {word!r} of the job, a state that this version does not know: {', '.join(known)}")


def end(ask: Callable[[], object], status: Callable[[], Status]) -> None:
    """Ask for a job's end, unless it has come; a refusal is none where it came in between."""
    if status().ended:
        return
    try:
        ask()
    except Refused:
        if not status().ended:
            raise
