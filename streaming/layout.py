"""A profile bound to one file: its columns as they are, and the values that its path gives."""

import difflib
from dataclasses import dataclass

from streaming.errors import FileBroken
from streaming.profiles import SETTABLE, Profile
from streaming.rules import Rule


@dataclass(frozen=True, slots=True)
class Layout:
    """Where in this file the profile's columns stand."""

    profile: Profile
    names: tuple[str, ...]
    path: dict[str, str]
    attributes: tuple[str, ...]  # columns that are kept without a canonical name, sorted

    @classmethod
    def of(cls, profile: Profile, names: tuple[str, ...], uri: str) -> "Layout":
        """Bind the profile; raises FileBroken for a missing column or path value, naming it."""
        rules = profile.columns.rules()
        _check_columns(rules, names)
        _check_ignore(profile, names)
        path = profile.path_values(uri)
        _check_path(rules, path, profile)
        return cls(profile, names, path, _attributes(profile, names))

    @property
    def needed(self) -> list[tuple[str, str]]:
        """(place as text, name) of the columns that the pass has to read."""
        ignored = {rule.column for rule in self.profile.ignore}
        named = _read_columns(self.profile.columns.rules()) | ignored | set(self.attributes)
        return [(str(place), name) for place, name in enumerate(self.names) if name in named]


def _read_columns(rules: dict[str, Rule]) -> set[str]:
    return {column for rule in rules.values() for column in rule.reads}


def _check_columns(rules: dict[str, Rule], names: tuple[str, ...]) -> None:
    for key, rule in rules.items():
        for column in rule.reads:
            _check_column(key, column, names)


def _check_ignore(profile: Profile, names: tuple[str, ...]) -> None:
    for rule in profile.ignore:
        _check_column("ignore", rule.column, names)


def _check_column(key: str, column: str, names: tuple[str, ...]) -> None:
    if column not in names:
        near = difflib.get_close_matches(column, names, 1)
        hint = f'did you mean "{near[0]}"? ' if near else ""
        raise FileBroken(
            f'the header has no column "{column}" (for {key}); {hint}'
            f"it has {', '.join(names)[:300]}: correct the profile's columns, or have the file sent again"
        )


def _check_path(rules: dict[str, Rule], path: dict[str, str], profile: Profile) -> None:
    if "symbol" not in rules:
        raise FileBroken(
            f'profile {profile.name} has no symbol: give columns.symbol, or in the feed values = {{ symbol = "…" }}'
        )
    for key, group in ((key, group) for key, rule in rules.items() for group in rule.groups):
        if group not in path:
            pattern = profile.path.pattern if profile.path else ""
            or_set = f', or set values = {{ {key} = "…" }} in the feed' if key in SETTABLE else ""
            raise FileBroken(
                f"the path gives no {group} (for {key}): "
                f"{pattern} of profile {profile.name} does not match; rename the file{or_set}"
            )


def _attributes(profile: Profile, names: tuple[str, ...]) -> tuple[str, ...]:
    columns = profile.columns
    named = _read_columns(columns.rules()) | set(columns.ignore)
    extra = {name for name in names if name and name not in named and name not in columns.keep}
    unknown = extra - {rule.column for rule in profile.ignore}
    if unknown and columns.unknown_columns == "refuse":
        raise FileBroken(f'the column "{min(unknown)}" is unknown: add it to keep or ignore in the profile\'s columns')
    kept = set(columns.keep) & set(names)
    return tuple(sorted(kept | extra if columns.unknown_columns == "keep" else kept))
