"""The header line: names in any order, none of them twice."""

import csv

from streaming.dialects import Dialect
from streaming.errors import FileBroken


def header_names(line: bytes, dialect: Dialect) -> tuple[str, ...]:
    """The names in a header line; raises FileBroken if it cannot be read or holds a name twice."""
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise FileBroken(f"the header is not UTF-8 ({error}): declare the encoding in the profile") from error
    if "\0" in text or ("\r" in text and not dialect.newlines_in_values):
        raise FileBroken(
            "the header holds a NUL byte or a bare carriage return: is this a text file whose lines end in LF or CRLF?"
        )
    names = _fields(text, dialect)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FileBroken(f'the header holds "{twice[0]}" twice: which one counts cannot be known')
    return names


def _fields(text: str, dialect: Dialect) -> tuple[str, ...]:
    if not dialect.quote:
        return tuple(text.split(dialect.delimiter))
    try:
        return tuple(next(csv.reader([text], delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True)))
    except csv.Error as error:
        raise FileBroken(f"the header cannot be read: {error}") from error
