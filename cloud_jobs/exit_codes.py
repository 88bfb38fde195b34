"""The command's own exit code, in what a service says of a failure."""

from __future__ import annotations

import re

from cloud_jobs.job import JobState

#: As Hadoop, Kubernetes and the clouds put it: "exited with status 3", "exitCode: 3", "exit code 3", "exit status: 3".
_SAID = re.compile(r"exit(?:ed with)?[ _]?(?:code|status)?[:=]? ?(\d{1,3})\b", re.IGNORECASE)


def in_words(reason: str | None) -> int | None:
    """None where nothing tells."""
    found = _SAID.findall(reason or "")
    return int(found[-1]) if found else None


def of(state: JobState, reason: str | None) -> int | None:
    """Of a job that ended by itself: 0, or what the words tell."""
    return 0 if state == "succeeded" else in_words(reason) if state == "failed" else None
