"""A profile bound to one file: its columns as they are, and the values that its path gives."""

import difflib
from dataclasses import dataclass

from streaming.errors import FileBroken
from streaming.profiles.dialects import Dialect
from streaming.profiles.header_names import name_key
from streaming.profiles.profile import SETTABLE, Profile
from streaming.profiles.rules import Rule
from streaming.reading.headers import header_names


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
        names = _as_in_profile(names, profile)
        known = tuple(dict.fromkeys(name for one in _shapes(names, profile.dialect).values() for name in one))
        rules = profile.columns.rules()
        _check_columns(rules, known)
        _check_ignore(profile, known)
        _check_sum(profile, known)
        path = profile.path_values(uri)
        _check_path(rules, path, profile)
        return cls(profile, names, path, _attributes(profile, known))

    @classmethod
    def headed(cls, profile: Profile, header: bytes, uri: str) -> "Layout":
        """Bind the profile to a file with this header line; raises FileBroken."""
        return cls.of(profile, header_names(header, profile.dialect, profile.used), uri)

    @property
    def shapes(self) -> dict[int, tuple[str, ...]]:
        """The names of a record by the number of its fields, empty ones at its end counted; the first is the header's.

        A shape that has as many fields as the header gives way to it.
        """
        return _shapes(self.names, self.profile.dialect)

    def needed(self, names: tuple[str, ...]) -> list[tuple[str, str]]:
        """(place as text, name) of the columns that the pass has to read of records with these names."""
        trailer = self.profile.dialect.trailer
        ignored = {rule.column for rule in self.profile.ignore}
        named = _read_columns(self.profile.columns.rules()) | ignored | set(self.attributes)
        if trailer and trailer.sum:
            named.add(trailer.sum.column)
        return [(str(place), name) for place, name in enumerate(names) if name in named]


def _shapes(names: tuple[str, ...], dialect: Dialect) -> dict[int, tuple[str, ...]]:
    named = {shape.fields + dialect.trailing_empty: shape.columns for shape in dialect.shapes}
    own = len(names) + dialect.trailing_empty
    return {own: names} | {width: columns for width, columns in named.items() if width != own}


def _as_in_profile(names: tuple[str, ...], profile: Profile) -> tuple[str, ...]:
    """The header's names, spelled as the profile spells them."""
    key = name_key(profile.dialect)
    meant = {key(name): name for name in profile.used - set(names)} if profile.dialect.header else {}
    return tuple(meant.get(key(name), name) for name in names) if meant else names


def _read_columns(rules: dict[str, Rule]) -> set[str]:
    return {column for rule in rules.values() for column in rule.reads}


def _check_columns(rules: dict[str, Rule], names: tuple[str, ...]) -> None:
    for key, rule in rules.items():
        for column in rule.reads:
            _check_column(key, column, names)


def _check_ignore(profile: Profile, names: tuple[str, ...]) -> None:
    for rule in profile.ignore:
        _check_column("ignore", rule.column, names)


def _check_sum(profile: Profile, names: tuple[str, ...]) -> None:
    trailer = profile.dialect.trailer
    if trailer and trailer.sum:
        _check_column("dialect.trailer.sum", trailer.sum.column, names)


def _check_column(key: str, column: str, names: tuple[str, ...]) -> None:
    if column not in names:
        near = difflib.get_close_matches(column, names, 1)
        hint = f'did you mean "{near[0]}"? ' if near else ""
        if column.casefold() in map(str.casefold, names):
            hint += '(header_case = "ignore" compares names in any case) '
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
