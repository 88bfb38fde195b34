"""Texts of a service's own form in a job's table: what does not fit is told by what it should be."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from pydantic import AfterValidator


def shape(pattern: str, what: str) -> AfterValidator:
    """For `Annotated[str, …]`; `what` goes on from the setting's name: `is an ARN of a role, …`."""
    form = re.compile(pattern)

    def fits(text: str) -> str:
        if not form.fullmatch(text):
            raise ValueError(f"is {what}, not {text!r}")
        return text

    return AfterValidator(fits)


def refuse_unknown(table: object, fields: Iterable[str]) -> object:
    """Before a table is read: raises ValueError for a key that none of its fields has, with the one that was meant."""
    known = sorted(fields)
    for key in sorted(set(table) - set(known)) if isinstance(table, dict) else ():
        close = difflib.get_close_matches(key, known, n=1)
        meant = f" (did you mean {close[0]!r}?)" if close else ""
        raise ValueError(f"has {key!r}, which is unknown{meant}; allowed are {', '.join(known)}")
    return table
