"""The program, killed (SIGKILL) where it first comes to a named point: `python -m tests.acceptance.dying POINT …`.

The points are wrapped from outside, so that the product holds nothing of it.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from cli_tool import run
from sinks import ledger, merge
from streaming import outcomes
from streaming.loading import Loading

#: Where it dies: what is wrapped, and whether that has been done by then.
POINTS: dict[str, tuple[Any, str, bool]] = {
    "after the registration": (ledger, "claim", False),
    "after the claim": (Loading, "load", False),
    "before the commit": (merge, "merge", True),  # all is done, its transaction still open
    "after the commit": (outcomes, "tell", False),
}


def arm(point: str) -> None:
    """Put the end where the point is: no handler runs, no `finally`."""
    owner, name, done = POINTS[point]
    function = getattr(owner, name)

    def dying(*arguments: Any, **named: Any) -> None:
        if done:
            function(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, dying)


if __name__ == "__main__":
    arm(sys.argv[1])
    sys.exit(run.main(sys.argv[2:]))
