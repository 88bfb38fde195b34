"""A feed's `source` as one canonical text: `file:///data/a b/*.csv`, never percent-encoded."""

import re
from pathlib import Path

from triggers.stores.local import path_of, uri_of

SCHEMES = ("file", "s3a", "abfss", "gs", "dbfs")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")


def canonical(source: str, folder: Path) -> str:
    """The uri of a path or uri; relative paths start at `folder`. Raises ValueError for a foreign scheme."""
    if not source.strip():
        raise ValueError("is empty; give the folder or bucket path where the files land")
    found = _SCHEME.match(source)
    if found is None:
        return uri_of(folder / Path(source).expanduser())
    scheme = found[1].lower()
    if scheme not in SCHEMES:
        raise ValueError(f"has the scheme {scheme!r}; served are a plain path and {', '.join(SCHEMES)}")
    uri = f"{scheme}:{source[found.end() :]}"
    return uri_of(path_of(uri)) if scheme == "file" else uri.rstrip("/")
