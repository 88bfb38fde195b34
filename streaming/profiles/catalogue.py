"""The layouts that come with Tradewind: `streaming/layouts/*.toml`."""

import difflib
from pathlib import Path

from streaming.errors import ProfileError

LAYOUTS = Path(__file__).parents[1] / "layouts"


def names() -> list[str]:
    """The layouts that come with Tradewind."""
    return sorted(path.stem for path in LAYOUTS.glob("*.toml"))


def path_of(name_or_path: str | Path) -> Path:
    """Where the layout of that name, or the .toml file, is; raises ProfileError for a name there is not."""
    if isinstance(name_or_path, Path) or name_or_path.endswith(".toml"):
        return Path(name_or_path)
    if name_or_path in names():
        return LAYOUTS / f"{name_or_path}.toml"
    raise ProfileError(
        f'no layout is called "{name_or_path}"{_nearest(name_or_path)}; there are {", ".join(names())}; '
        "or give a .toml file"
    )


def _nearest(name: str) -> str:
    """Layouts whose names are alike, or that begin so."""
    alike = difflib.get_close_matches(name.lower(), names(), n=3)
    near = list(dict.fromkeys([*alike, *(one for one in names() if name and one.startswith(name.lower()))]))[:3]
    return f" (did you mean {', '.join(near)}?)" if near else ""
