"""How a file ends: a line with totals, or words that are no records."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from streaming.suggesting.fields import is_data, usual_width, width_of
from streaming.suggesting.said import Said

TRAILER = re.compile(r"""^["#*<\s-]*(?:end|eof|trailer|trl|tlr|total|totals|sum|footer|count|records?|rows?)\b""", re.I)
LOOKED = 400


@dataclass(frozen=True, slots=True)
class Ending:
    """The setting dialect.trailer, and how many lines at the end it is about."""

    trailer: Said
    lines: int


def ending_of(lines: Sequence[str], delimiter: str, quote: str) -> Ending | None:
    """What follows the records of a whole file, given its lines from the first record on; None where nothing does."""
    if (notes := _notes(lines, delimiter, quote)) > 1:
        return _words(lines[-notes:])
    if len(lines) < 2 or not _is_trailer(lines[-1], lines[:-1], delimiter, quote):
        return None
    return _totals(lines[-1], len(lines) - 1, delimiter)


def _totals(last: str, records: int, delimiter: str) -> Ending:
    pattern = "^" + re.escape(re.split(r"[\s:=]|" + re.escape(delimiter), last, maxsplit=1)[0])
    rule: dict[str, object] = {"pattern": pattern}
    found = [one for one in re.finditer(r"\d+", last) if int(one[0]) == records]
    why = [f"the last line is no record: {last[:80]}"]
    if len(found) == 1:
        before = re.sub(r"\d+", r"[0-9]+", escaped(last[: found[0].start()]))
        rule["count"] = f"^{before}([0-9]+)"
        why.append(f"its {found[0][0]} is the number of records before it, and is checked in every file")
    return Ending(Said(rule, tuple(why), ("does every file end with such a line? One without is refused",)), 1)


def _notes(lines: Sequence[str], delimiter: str, quote: str) -> int:
    """How many lines of words stand at the end, as disclaimers do: of far fewer fields than the records."""
    usual, _ = usual_width(lines[:LOOKED], delimiter, quote)
    tail = (width_of(line, delimiter, quote) * 2 < usual and "\n" not in line for line in reversed(lines))
    return next((n for n, short in enumerate(tail) if not short), 0)


def _words(notes: Sequence[str]) -> Ending:
    begun = dict.fromkeys(escaped(" ".join(line[:24].split(" ")[:2])) for line in notes)
    why = f"the last {len(notes)} lines are no records: {notes[0][:80]}"
    rule = {"pattern": f"^(?:{'|'.join(begun)})", "check": False}
    return Ending(Said(rule, (why,), ("does every file end with such lines? One without is refused",)), len(notes))


def _is_trailer(line: str, others: Sequence[str], delimiter: str, quote: str) -> bool:
    usual, share = usual_width(others[-200:], delimiter, quote)
    unlike = width_of(line, delimiter, quote) != usual and share > 0.95
    return (unlike and not is_data(line.split(delimiter)[0])) or (
        bool(TRAILER.match(line)) and not any(map(TRAILER.match, others[-20:]))
    )


def escaped(text: str) -> str:
    """For a regular expression, escaped no more than needed: it is read by people."""
    return re.sub(r"\\([ #&~,;:<>'\"=@%!/_-])", r"\1", re.escape(text))
