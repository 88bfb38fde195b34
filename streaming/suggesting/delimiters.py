"""What cuts the lines of a sample into fields, and which lines are comments."""

from __future__ import annotations

import re
from collections.abc import Sequence

from streaming.errors import SuggestError
from streaming.suggesting.fields import fields_of, usual_width, width_of

DELIMITERS = ("||", "::", "~|~", "|~|", "^|^", "##", ";", "\t", "|", ",", "\x01", "^", "~")
COMMENTS = ("#", "//", "%", "--", ";")
LOOKED = 400
WIDE = 5  # so many fields a line are no chance


def without_comments(lines: Sequence[str]) -> tuple[list[str], str]:
    """The lines that are no comments, and what those begin with; a header that begins with # is none."""
    for prefix in COMMENTS:
        marked = [n for n, line in enumerate(lines) if line.startswith(prefix)]
        if not marked or len(marked) * 2 > len(lines):
            continue
        last = marked[-1]
        # One line, the last before the records, of as many fields as they have: their header.
        if last + 1 < len(lines) and _same_width(lines[last], lines[last + 1 : last + 30]):
            marked = marked[:-1]
            if not marked or marked == list(range(last)):
                return list(lines), ""
        return [line for n, line in enumerate(lines) if n not in set(marked)], prefix
    return list(lines), ""


def _same_width(line: str, records: Sequence[str]) -> bool:
    delimiter, quote = _best([one for one in records if one.strip()] or [""])
    return bool(delimiter) and width_of(line, delimiter, quote) == usual_width(records, delimiter, quote)[0]


def delimiter_of(lines: Sequence[str]) -> tuple[str, str]:
    """The delimiter and the quote, "" where quotes stand within values; raises SuggestError."""
    delimiter, quote = _best(lines[:LOOKED])
    if not delimiter:
        raise SuggestError(
            "no delimiter cuts most lines into the same number of fields: is this a table of text? "
            f"Looked for {', '.join(repr(one) for one in DELIMITERS)} and a blank"
        )
    return delimiter, quote


def _best(lines: Sequence[str]) -> tuple[str, str]:
    quote = _quote(lines)
    found = [(one, *usual_width(lines, one, quote)) for one in DELIMITERS]
    fit = [(one, width, share) for one, width, share in found if width > 1 and share > 0.5]
    if not fit and lines:
        width, share = usual_width(lines, " ", quote)
        fit = [(" ", width, share)] if width > 2 and share > 0.5 else []
    # Of few records under a long preamble many fields tell as much.
    fit = fit or [(one, width, share) for one, width, share in found if width >= WIDE and share > 0.25]
    widths = {one: width for one, width, _ in fit}
    # The one that leaves no other in its fields: 1,5;2,3 is cut at the semicolon.
    best = max(fit, key=lambda one: (-_left_over(lines, one[0], quote, widths), one[2], one[1]), default=("", 0, 0.0))
    return best[0], quote


def _left_over(lines: Sequence[str], delimiter: str, quote: str, widths: dict[str, int]) -> int:
    """How many delimiters stand in the fields; not counted is what cuts into far fewer, as :: within an id does."""
    wide = [one for one in DELIMITERS[:9] if widths.get(one, 0) * 2 >= widths[delimiter]]
    strong = [one for one in wide if one not in delimiter and delimiter not in one]
    some = fields_of(lines[:50], delimiter, quote)
    share = [one for one in strong if sum(any(one in text for text in row) for row in some) * 2 > len(some)]
    whole = [one for one in DELIMITERS[:6] if delimiter in one and sum(one in line for line in lines) * 2 > len(lines)]
    return len(share) + sum(all(line.count(one) * len(one) == line.count(delimiter) for line in lines) for one in whole)


def _quote(lines: Sequence[str]) -> str:
    text = "\n".join(lines)
    if re.search(r"""(?:^|[,;|\t])\s?"[^"\n]*(?:"|\n|$)""", text, re.MULTILINE):
        return '"'
    single = re.compile(r"(?:^|[,;|\t])'[^'\n]*'(?=[,;|\t]|$)", re.MULTILINE)
    if len(single.findall(text)) >= len(lines):
        return "'"
    return "" if '"' in text else '"'
