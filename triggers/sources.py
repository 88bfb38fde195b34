"""A feed's `source`: the fixed prefix to list and watch, and the glob that filters below it."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from triggers.stores.local import path_of, uri_of

_GLOB = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Source:
    """`prefix` ends in a slash; `glob` is what follows it, or None when everything below counts. Where the text has no
    last slash the prefix may also be one file's name: `is_folder` is False then."""

    prefix: str
    glob: str | None = None
    is_folder: bool = True

    @classmethod
    def parse(cls, text: str) -> "Source":
        """`file:///data/*/trades-*.csv*` is the prefix `file:///data/` and the glob `*/trades-*.csv*`.

        Each part of the glob matches one part of the path, case and all; `**` matches any number of parts.
        Raises BadUri for a local source that is not absolute.
        """
        parts = text.rstrip("/").split("/")
        fixed = next((n for n, part in enumerate(parts) if _GLOB & set(part)), len(parts))
        prefix, glob = "/".join(parts[:fixed]), "/".join(parts[fixed:])
        if prefix.startswith("file:"):
            prefix = uri_of(path_of(prefix + "/"))
        is_folder = bool(glob) or text.endswith("/")
        return cls(prefix if prefix.endswith("/") else f"{prefix}/", glob or None, is_folder)

    @property
    def listed(self) -> str:
        """The uri to list."""
        return self.prefix if self.is_folder else self.prefix[:-1]

    def matches(self, uri: str) -> bool:
        """Whether an object is one of the feed's."""
        if not uri.startswith(self.prefix):
            return uri == self.prefix[:-1] and self.glob is None
        return self.glob is None or _matches(tuple(uri[len(self.prefix) :].split("/")), _parts(self.glob))


@lru_cache(maxsize=256)
def _parts(glob: str) -> tuple[str, ...]:
    return tuple(glob.split("/"))


def _matches(path: tuple[str, ...], glob: tuple[str, ...]) -> bool:
    if not glob:
        return not path
    if glob[0] == "**":
        return any(_matches(path[n:], glob[1:]) for n in range(len(path) + 1))
    return bool(path) and fnmatchcase(path[0], glob[0]) and _matches(path[1:], glob[1:])
