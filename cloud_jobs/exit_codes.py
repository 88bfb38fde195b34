"""The command's own exit code, in what a service says of a failure."""

from __future__ import annotations

import re

#: As Hadoop, Kubernetes and the clouds put it: "exited with status 3", "exitCode: 3", "exit code 3", "exit status: 3".
_SAID = re.compile(r"exit(?:ed with)?[ _]?(?:code|status)?[:=]? ?(\d{1,3})\b", re.IGNORECASE)


def in_words(reason: str | None) -> int | None:
    """None where nothing tells."""
    found = _SAID.findall(reason or "")
    return int(found[-1]) if found else None
