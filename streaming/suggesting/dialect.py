"""How the sample is cut into records and fields, as a profile's [dialect] says it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from streaming.errors import FileBroken, SuggestError
from streaming.profiles.dialects import Dialect
from streaming.reading.headers import header_names
from streaming.suggesting.fields import fields_of, is_data, looks_like_data, usual_width, width_of
from streaming.suggesting.said import Said, Settings
from streaming.suggesting.sample import Sample

DELIMITERS = ("||", "::", "~|~", "|~|", "^|^", "##", ";", "\t", "|", ",", "\x01", "^", "~")
COMMENTS = ("#", "//", "%", "--", ";")
TRAILER = re.compile(r"""^["#*<\s-]*(?:end|eof|trailer|trl|tlr|total|totals|sum|footer|count|records?|rows?)\b""", re.I)
LOOKED = 400


@dataclass(slots=True)
class Cut:
    """The settings of [dialect], the columns' names in order, and the records of the sample."""

    settings: Settings
    names: tuple[str, ...]
    header: bool
    rows: list[list[str]] = field(default_factory=list)

    def column(self, place: int) -> list[str]:
        """The texts of a column, blanks taken off."""
        return [row[place].strip() for row in self.rows if place < len(row)]


def cut(sample: Sample) -> Cut:
    """How the sample is cut; raises SuggestError where no delimiter is found."""
    lines = sample.text.text.split("\n")
    settings: Settings = {}
    body, prefix = _without_comments(lines)
    delimiter, quote = _delimiter([line for line in body if line.strip()])
    settings["delimiter"] = Said(delimiter)
    if quote != '"':
        settings["quote"] = Said(quote, ("quotes stand within values, not around them",) if not quote else ())
    if sample.text.encoding != "utf-8":
        settings["encoding"] = Said(sample.text.encoding).asking(sample.text.question)
    return _Cutting(body, delimiter, quote, sample.whole, settings, prefix).done()


def _without_comments(lines: Sequence[str]) -> tuple[list[str], str]:
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


def _delimiter(lines: Sequence[str]) -> tuple[str, str]:
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
    # The one that leaves no other in its fields: 1,5;2,3 is cut at the semicolon.
    best = max(fit, key=lambda one: (-_left_over(lines, one[0], quote), one[2], one[1]), default=("", 0, 0.0))
    return best[0], quote


def _left_over(lines: Sequence[str], delimiter: str, quote: str) -> int:
    strong = [one for one in DELIMITERS[:9] if one not in delimiter and delimiter not in one]
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


@dataclass(slots=True)
class _Cutting:
    lines: list[str]
    delimiter: str
    quote: str
    whole: bool
    settings: Settings
    comment: str

    def done(self) -> Cut:
        self._quoting()
        first = self._first_record()
        header = self._header(first)
        if self.comment:
            self.settings["comment"] = Said(self.comment)
        self._preamble(first if header is None else header)
        rows = self._rows(first)
        if header is None:
            names = tuple(f"column_{n}" for n in range(1, len(rows[0]) + 1))
        else:
            names = self._names(self.lines[header])
            rows = self._fitted(names, rows)
        return Cut(self.settings, names, header is not None, rows)

    def _quoting(self) -> None:
        if self.quote and any(line.count(self.quote) % 2 for line in self.lines) and self._spans_lines():
            self.settings["newlines_in_values"] = Said(True, ("a quoted value goes over several lines",))
        if self.quote and any(f"\\{self.quote}" in line for line in self.lines):
            self.settings["escape"] = Said("\\")

    def _spans_lines(self) -> bool:
        rows = fields_of(self.lines, self.delimiter, self.quote)
        return any("\n" in text for row in rows for text in row)

    def _widths(self) -> list[int]:
        return [width_of(line, self.delimiter, self.quote) if line.strip() else 0 for line in self.lines[:LOOKED]]

    def _first_record(self) -> int:
        """The first line of the usual width that holds data."""
        usual, _ = usual_width(self.lines[:LOOKED], self.delimiter, self.quote)
        for n, width in enumerate(self._widths()):
            row = fields_of([self.lines[n]], self.delimiter, self.quote)
            if width == usual and looks_like_data(row[0]):
                return n
        raise SuggestError("no line holds a number or a time: there are no trades to be seen in the sample")

    def _header(self, first: int) -> int | None:
        before = [n for n in range(first) if self.lines[n].strip()]
        if not before:
            return None
        (row,) = fields_of([self.lines[before[-1]]], self.delimiter, self.quote) or [[]]
        width = width_of(self.lines[first], self.delimiter, self.quote)
        named = [text for text in row if text.strip()]
        near = abs(len(row) - width) <= max(2, width // 5) and len(named) * 2 > len(row)
        return before[-1] if near and not any(is_data(text) for text in row) else None

    def _preamble(self, begin: int) -> None:
        if not any(line.strip() for line in self.lines[:begin]):
            return
        line = self.lines[begin]
        if begin and not is_data(line.split(self.delimiter)[0]):
            until = "^" + re.escape(self.delimiter.join(line.split(self.delimiter)[:2]))
            # Escaped no more than needed: it is read by people.
            until = re.sub(r"\\([ #&~,;:<>'\"=@%!/_-])", r"\1", until)
            if not any(re.search(until, one) for one in self.lines[:begin]):
                self.settings["preamble"] = Said({"until": until}, (f"the header is line {begin + 1}",))
                return
        self.settings["preamble"] = Said(begin).asking("are there as many lines before the records in every file?")

    def _rows(self, first: int) -> list[list[str]]:
        escape = self.settings["escape"].value if "escape" in self.settings else "double"
        lines = [line for line in self.lines[first:] if line.strip()]
        lines = self._without_trailer(lines)
        return fields_of(lines, self.delimiter, self.quote, str(escape))

    def _without_trailer(self, lines: list[str]) -> list[str]:
        end = len(lines)
        if not self.whole or end < 2 or not _is_trailer(lines[-1], lines[:-1], self.delimiter, self.quote):
            return lines
        last = lines[-1]
        pattern = "^" + re.escape(re.split(r"[\s:=]|" + re.escape(self.delimiter), last, maxsplit=1)[0])
        rule: dict[str, object] = {"pattern": pattern}
        found = [one for one in re.finditer(r"\d+", last) if int(one[0]) == end - 1]
        why = [f"the last line is no record: {last[:80]}"]
        if len(found) == 1:
            before = re.sub(r"\d+", r"[0-9]+", _escaped(last[: found[0].start()]))
            rule["count"] = f"^{before}([0-9]+)"
            why.append(f"its {found[0][0]} is the number of records before it, and is checked in every file")
        self.settings["trailer"] = Said(
            rule, tuple(why), ("does every file end with such a line? One without is refused",)
        )
        return lines[:-1]

    def _names(self, line: str) -> tuple[str, ...]:
        keys = ("delimiter", "quote", "newlines_in_values")
        known = {key: self.settings[key].value for key in keys if key in self.settings}
        try:
            return header_names(line.encode(), Dialect.model_validate(known))
        except FileBroken as error:
            raise SuggestError(str(error)) from error

    def _fitted(self, names: tuple[str, ...], rows: list[list[str]]) -> list[list[str]]:
        """The records, where they are longer or shorter than the header by empty fields at its or their end."""
        usual = max((len(row) for row in rows), key=[len(row) for row in rows].count)
        beyond = usual - len(names)
        if beyond > 0 and all(not text.strip() for row in rows if len(row) == usual for text in row[-beyond:]):
            self.settings["trailing_empty"] = Said(beyond, ("records end with a delimiter, the header does not",))
        elif beyond < 0 and all(re.fullmatch(r"column_\d+", name) for name in names[beyond:]):
            shape = {"fields": usual, "columns": list(names[:usual])}
            self.settings["shapes"] = Said([shape], ("the header ends with a delimiter, the records do not",))
        return rows


def _escaped(text: str) -> str:
    return re.sub(r"\\([ #&~,;:<>'\"=@%!/_-])", r"\1", re.escape(text))


def _is_trailer(line: str, others: Sequence[str], delimiter: str, quote: str) -> bool:
    usual, share = usual_width(others[-200:], delimiter, quote)
    unlike = width_of(line, delimiter, quote) != usual and share > 0.95
    return (unlike and not is_data(line.split(delimiter)[0])) or (
        bool(TRAILER.match(line)) and not any(map(TRAILER.match, others[-20:]))
    )
