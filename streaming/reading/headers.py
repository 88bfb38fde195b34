"""The header line: names in any order, of which those that are missing or repeated get one of their own."""

import csv
from collections.abc import Callable, Collection

from streaming.errors import FileBroken
from streaming.profiles.dialects import Dialect
from streaming.profiles.header_names import name_key, trimmed
from streaming.reading.standins import rewritten


def header_names(line: bytes, dialect: Dialect, used: Collection[str] = ()) -> tuple[str, ...]:
    """The names in a header line: an empty one is column_N, by its place from 1, repeated ones are name, name_2, …

    Raises FileBroken where the line cannot be read, and where one of the `used` names stands in it several times,
    unless the second is used too: then the first is known to be meant.
    """
    key = name_key(dialect)
    names = tuple(_named(name, place, dialect) for place, name in enumerate(_fields(_text(line, dialect), dialect), 1))
    keys = [key(name) for name in names]
    _check_repeated(keys, {key(name) for name in used}, names)
    return _numbered(names, keys, key)


def _text(line: bytes, dialect: Dialect) -> str:
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise FileBroken(f"the header is not UTF-8 ({error}): declare the encoding in the profile") from error
    if "\0" in text or ("\r" in text and not dialect.newlines_in_values):
        raise FileBroken(
            "the header holds a NUL byte or a bare carriage return: is this a text file whose lines end in LF or CRLF?"
        )
    return text


def _fields(text: str, dialect: Dialect) -> list[str]:
    block, cipher = rewritten(text.encode(), dialect)
    plain = block.decode()
    if not dialect.quote:
        fields = plain.split(cipher.delimiter)
    else:
        try:
            fields = next(csv.reader([plain], delimiter=cipher.delimiter, quotechar=dialect.quote, strict=True))
        except csv.Error as error:
            raise FileBroken(f"the header cannot be read: {error}") from error
    return [cipher.value(field) for field in fields]


def _named(name: str, place: int, dialect: Dialect) -> str:
    name = trimmed(name) if dialect.header_trim else name
    return name or f"column_{place}"


def _check_repeated(keys: list[str], used: set[str], names: tuple[str, ...]) -> None:
    for place, key in enumerate(keys):
        if key in used and key in keys[:place] and f"{key}_2" not in used:
            raise FileBroken(
                f'the header holds "{names[place]}" twice, and the profile uses it: which one counts cannot be known; '
                f'if the first does, name "{names[place]}_2" in keep or ignore, if another, take its number'
            )


def _numbered(names: tuple[str, ...], keys: list[str], key: Callable[[str], str]) -> tuple[str, ...]:
    taken, made = set(keys), list[str]()
    for place, name in enumerate(names):
        if keys[place] in keys[:place]:
            number = 2
            while key(f"{name}_{number}") in taken:
                number += 1
            name = f"{name}_{number}"
            taken.add(key(name))
        made.append(name)
    return tuple(made)
