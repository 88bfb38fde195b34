"""One line of the table of figures."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """What was measured, the figures, and the target."""

    what: str
    measured: str
    target: str
