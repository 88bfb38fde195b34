"""When two names in headers are the same column."""

from collections.abc import Callable, Collection

from streaming.profiles.dialects import Dialect

BLANKS = " \t\r\n\f\v\u00a0\ufeff"
QUOTES = "\"'`"


def name_key(dialect: Dialect) -> Callable[[str], str]:
    """What two names that are the same have in common, however the profile or the file dresses them."""
    dressed = trimmed if dialect.header_trim else str
    return (lambda name: dressed(name).casefold()) if dialect.header_case == "ignore" else dressed


def check_names(names: Collection[str], dialect: Dialect) -> None:
    """ValueError where two of the profile's names can only be the same column of a file."""
    key, seen = name_key(dialect), dict[str, str]()
    for name in sorted(names) if dialect.header else ():
        if seen.setdefault(key(name), name) != name:
            raise ValueError(f'"{seen[key(name)]}" and "{name}" are one column to this dialect: write it in one way')


def trimmed(name: str) -> str:
    """The name without blanks, quotes and a leading #; a lone # is a name."""
    text = name.strip(BLANKS)
    bare = text.removeprefix("#").strip(BLANKS)
    while len(bare) > 1 and bare[0] == bare[-1] and bare[0] in QUOTES:
        bare = bare[1:-1].strip(BLANKS)
    return bare or text.strip(BLANKS + QUOTES)
