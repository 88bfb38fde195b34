"""Ctrl-C while modules still load: nothing has begun, so a line is enough."""

import sys
from types import TracebackType


def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """In place of sys.excepthook; after it Python ends by the signal, as shells want to see it."""
    if issubclass(kind, KeyboardInterrupt):
        sys.stderr.write("tradewind: interrupted before it began\n")
    else:
        sys.__excepthook__(kind, error, trace)
