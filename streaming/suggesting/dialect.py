"""How the sample is cut into records and fields, as a profile's [dialect] says it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from streaming.errors import FileBroken, SuggestError
from streaming.profiles.dialects import Dialect
from streaming.reading.headers import header_names
from streaming.suggesting.delimiters import delimiter_of, without_comments
from streaming.suggesting.endings import ending_of, escaped
from streaming.suggesting.fields import fields_of, is_data, looks_like_data, usual_width, width_of
from streaming.suggesting.said import Said, Settings
from streaming.suggesting.sample import Sample

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

    def is_padded(self, place: int) -> bool:
        """Whether blanks stand around some texts of a column."""
        return any(row[place] != row[place].strip() for row in self.rows if place < len(row))


def cut(sample: Sample) -> Cut:
    """How the sample is cut; raises SuggestError where no delimiter is found."""
    lines = sample.text.text.split("\n")
    settings: Settings = {}
    body, prefix = without_comments(lines)
    delimiter, quote = delimiter_of([line for line in body if line.strip()])
    settings["delimiter"] = Said(delimiter)
    if quote != '"':
        settings["quote"] = Said(quote, ("quotes stand within values, not around them",) if not quote else ())
    if sample.text.encoding != "utf-8":
        settings["encoding"] = Said(sample.text.encoding).asking(sample.text.question)
    return _Cutting(body, delimiter, quote, sample.whole, settings, prefix).done()


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
            self.lines = _joined(self.lines, self.quote)
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
            until = "^" + escaped(self.delimiter.join(line.split(self.delimiter)[:2]))
            if not any(re.search(until, one) for one in self.lines[:begin]):
                self.settings["preamble"] = Said({"until": until}, (f"the header is line {begin + 1}",))
                return
        height = sum(line.count("\n") + 1 for line in self.lines[:begin])
        self.settings["preamble"] = Said(height).asking("are there as many lines before the records in every file?")

    def _rows(self, first: int) -> list[list[str]]:
        escape = self.settings["escape"].value if "escape" in self.settings else "double"
        lines = [line for line in self.lines[first:] if line.strip()]
        if self.whole and (ending := ending_of(lines, self.delimiter, self.quote)):
            self.settings["trailer"] = ending.trailer
            lines = lines[: -ending.lines]
        return fields_of(lines, self.delimiter, self.quote, str(escape))

    def _names(self, line: str) -> tuple[str, ...]:
        keys = ("delimiter", "quote", "newlines_in_values")
        known = {key: self.settings[key].value for key in keys if key in self.settings}
        try:
            return header_names(line.encode(), Dialect.model_validate(known))
        except FileBroken as error:
            raise SuggestError(str(error)) from error

    def _fitted(self, names: tuple[str, ...], rows: list[list[str]]) -> list[list[str]]:
        """The records, where they are longer or shorter than the header by empty fields at its or their end."""
        usual = _usual(rows)
        beyond = usual - len(names)
        if beyond > 0 and all(not text.strip() for row in rows if len(row) == usual for text in row[-beyond:]):
            self.settings["trailing_empty"] = Said(beyond, ("records end with a delimiter, the header does not",))
        elif beyond < 0 and all(re.fullmatch(r"column_\d+", name) for name in names[beyond:]):
            shape = {"fields": usual, "columns": list(names[:usual])}
            self.settings["shapes"] = Said([shape], ("the header ends with a delimiter, the records do not",))
        return [row for row in rows if len(row) == usual]


def _joined(lines: Sequence[str], quote: str) -> list[str]:
    """The lines of a record in one, line ends and all."""
    made, held = list[str](), ""
    for line in lines:
        held = f"{held}\n{line}" if held else line
        if held.count(quote) % 2 == 0:
            made.append(held)
            held = ""
    return [*made, held] if held else made


def _usual(rows: Sequence[Sequence[str]]) -> int:
    widths = [len(row) for row in rows]
    return max(widths, key=widths.count)
