"""The layouts that come with Tradewind: `streaming/layouts/*.toml`."""

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
    raise ProfileError(f'no layout is called "{name_or_path}"; there are {", ".join(names())}; or give a .toml file')
