"""Where files lie, as one canonical text a person can read: `file:///data/a b.csv`, never percent-encoded."""

import os.path
import re
from pathlib import Path

SCHEMES = ("file", "s3a", "abfss", "gs", "dbfs")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_GLOB = re.compile(r"[*?\[]")


def canonical(source: str, folder: Path) -> str:
    """The uri of a path or uri; relative paths start at `folder`. Raises ValueError for a foreign scheme."""
    found = _SCHEME.match(source)
    if found is None:
        return f"file://{_normal(folder / Path(source).expanduser())}"
    scheme, rest = found[1].lower(), source[found.end() :]
    if scheme not in SCHEMES:
        raise ValueError(f"has the scheme {scheme!r}; served are a plain path and {', '.join(SCHEMES)}")
    if scheme == "file":
        return f"file:///{_normal(Path('/' + rest.lstrip('/'))).lstrip('/')}"
    return f"{scheme}:{rest.rstrip('/')}"


def split_glob(uri: str) -> tuple[str, str | None]:
    """The fixed part of a uri, to list and watch, and the glob of what lies below it (None: everything)."""
    parts = uri.split("/")
    first = next((n for n, part in enumerate(parts) if _GLOB.search(part)), None)
    return (uri, None) if first is None else ("/".join(parts[:first]), "/".join(parts[first:]))


def _normal(path: Path) -> str:
    # Not resolve(): a link in the path is the name by which the operator knows the folder.
    return os.path.normpath(path)
