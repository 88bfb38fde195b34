"""How a vendor's text is cut into records and fields, as data: the profile's [dialect] table."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from streaming.profiles.expressions import ColumnPattern, Pattern, regular
from streaming.profiles.rules import Frozen


def _one_group(pattern: str) -> str:
    if re.compile(regular(pattern)).groups != 1:
        raise ValueError("put the figure, and nothing else, into one group: '^END,([0-9]+)'")
    return pattern


Figure = Annotated[str, AfterValidator(_one_group)]


class Until(Frozen):
    """The preamble is all lines before the first in which the pattern is found."""

    until: Pattern


class Sum(Frozen):
    """The sum of a column, as a trailer line gives it."""

    column: str
    pattern: Figure


class Trailer(Frozen):
    """Lines at the end of the file that are no records, and what they claim of the file.

    `count` finds the number of records, `sum` the sum of a column; with `check = false` they are claims of
    something else (the day, all files together), and only that a trailer is there is looked at.
    """

    pattern: ColumnPattern  # it is searched in every record
    count: Figure | None = None
    sum: Sum | None = None
    check: bool = True


class Shape(Frozen):
    """Another kind of record in the same file, known by how many fields it has."""

    fields: int
    columns: tuple[str, ...]

    @model_validator(mode="after")
    def _each_field_has_a_name(self) -> Self:
        if self.fields != len(self.columns):
            raise ValueError(f"fields = {self.fields}, but columns holds {len(self.columns)} names")
        if len(set(self.columns)) < len(self.columns):
            raise ValueError("columns holds a name twice")
        return self


def _whole_number(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("give the number of lines before the header, or { until = 'regex' }")
    return value


class Dialect(Frozen):
    """How the text is cut into fields; `columns` names them where the file has no header.

    `preamble`: lines before the header, by number or up to a line. `comment`: lines that begin with it are no
    records. `trailing_empty`: empty fields at the end of every record beyond the header's. `escape`: a quote inside
    a quoted value is doubled, or a backslash stands before a quote, a delimiter or a backslash. `header_trim` takes
    blanks, quotes and a leading # off the header's names, `header_case = "ignore"` compares them in any case.
    """

    delimiter: str = ","
    header: bool = True
    columns: tuple[str, ...] = ()
    header_case: Literal["exact", "ignore"] = "exact"
    header_trim: bool = True
    quote: str = '"'
    escape: Literal["double", "\\"] = "double"
    newlines_in_values: bool = False
    encoding: str = "utf-8"
    preamble: Annotated[Annotated[int, Field(ge=0)] | Until, BeforeValidator(_whole_number)] = 0
    comment: str = ""
    trailer: Trailer | None = None
    trailing_empty: Annotated[int, Field(ge=0)] = 0
    shapes: tuple[Shape, ...] = ()

    @field_validator("delimiter")
    @classmethod
    def _a_delimiter(cls, text: str) -> str:
        if not text or set(text) & set('"\r\n\0'):
            raise ValueError("the delimiter is one or several characters, no quote and no line end among them")
        return text

    @field_validator("quote")
    @classmethod
    def _one_quote_or_none(cls, text: str) -> str:
        if len(text) > 1 or not text.isascii() or text in ("\r", "\n", "\0"):
            raise ValueError('the quote is one ASCII character, or "" where the vendor never quotes')
        return text

    @field_validator("comment")
    @classmethod
    def _a_prefix(cls, text: str) -> str:
        if set(text) & set("\r\n"):
            raise ValueError('the comment is what such a line begins with, "#", and holds no line end')
        return text

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str) -> str:
        try:
            "".encode(name)
        except LookupError as error:
            raise ValueError(f'no encoding is called "{name}"; take "utf-8", "cp1252", …') from error
        return "utf-8" if name.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig") else name

    @model_validator(mode="after")
    def _names_come_from_one_place(self) -> Self:
        if self.header == bool(self.columns):
            raise ValueError("give header = true, or header = false and columns = [the names in order]")
        if len(set(self.columns)) < len(self.columns):
            raise ValueError("columns holds a name twice")
        counts = [shape.fields for shape in self.shapes] + [len(self.columns)] * (not self.header)
        if len(set(counts)) < len(counts):
            raise ValueError("two shapes have the same number of fields: nothing would tell their records apart")
        summed = self.trailer.sum.column if self.trailer and self.trailer.sum else None
        if summed is not None and not self.header and summed not in self.named:
            raise ValueError(f'trailer.sum: columns holds no "{summed}"')
        return self

    @property
    def named(self) -> tuple[str, ...]:
        """The names that are known before a file is opened."""
        return (*self.columns, *(name for shape in self.shapes for name in shape.columns))

    @model_validator(mode="after")
    def _characters_are_told_apart(self) -> Self:
        if self.newlines_in_values and not self.quote:
            raise ValueError("newlines_in_values needs a quote character")
        if self.quote and self.quote in self.delimiter:
            raise ValueError("quote and delimiter are the same character")
        if self.escape == "\\" and "\\" in self.delimiter + self.quote:
            raise ValueError('with escape = "\\\\" neither delimiter nor quote may be a backslash')
        rewritten = self.delimiter if len(self.delimiter.encode()) > 1 else ""
        if set(self.comment) & set(rewritten + "\\" * (self.escape == "\\")):
            raise ValueError("a comment may not begin with parts of the delimiter or escape")
        return self
