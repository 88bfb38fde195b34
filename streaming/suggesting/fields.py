"""Lines cut into fields while nothing is known yet, and which of them look like data."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

_STANDIN = "\x1f"  # the unit separator, for a delimiter of several characters
_DATA = re.compile(r"""^["'(]?[-+(]?[$€£]?\s?\d[\d.,:/ '()eE+TZ-]*%?["')]?$|^\d{1,4}[-/.]""")
_KEPT = 5000


def fields_of(lines: Sequence[str], delimiter: str, quote: str = '"', escape: str = "double") -> list[list[str]]:
    """The records of some lines; a quoted field may hold line ends. What cannot be read ends the list."""
    one = delimiter if len(delimiter) == 1 else _STANDIN
    texts = [line.replace(delimiter, one) + "\n" for line in lines[:_KEPT]]
    rows: list[list[str]] = []
    try:
        rows.extend(csv.reader(texts, delimiter=one, **_quoting(quote, escape)))
    except csv.Error:
        return rows
    return rows


def _quoting(quote: str, escape: str) -> dict[str, Any]:
    if not quote:
        return {"quoting": csv.QUOTE_NONE}
    return {"quotechar": quote, "doublequote": escape == "double", "escapechar": "\\" if escape == "\\" else None}


def width_of(line: str, delimiter: str, quote: str = '"') -> int:
    """How many fields a line has."""
    rows = fields_of([line], delimiter, quote)
    return len(rows[0]) if rows else 0


def usual_width(lines: Sequence[str], delimiter: str, quote: str = '"') -> tuple[int, float]:
    """The number of fields that most lines have, and their share."""
    widths = Counter(width_of(line, delimiter, quote) for line in lines if line.strip())
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    return width, count / max(widths.total(), 1)


def is_data(field: str) -> bool:
    """Whether a field begins as a number or a time does, which names of columns do not."""
    return bool(_DATA.match(field.strip()))


def looks_like_data(fields: Sequence[str]) -> bool:
    """Whether some field of a line is a number or a time."""
    return any(is_data(field) for field in fields)
