"""Single settings of a feed over its profile, merged into the profile's TOML before it is checked."""

from collections.abc import Mapping
from functools import reduce
from typing import Any

#: Where a rule takes its value from: another origin replaces the profile's own.
ORIGINS = frozenset(("column", "columns", "const", "path", "sign_of"))


def merged(table: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    """The profile's table with dotted keys put over it: {"columns.price.scale": 100, "dialect.delimiter": ";"}.

    Tables are merged, lists and values replaced; another origin of a rule replaces the one it had, and a rule
    that is set to false is taken away.
    """
    return reduce(lambda under, item: _merge(under, _nested(*item), ()), override.items(), dict(table))


def _nested(key: str, value: Any) -> Any:
    return reduce(lambda inner, part: {part: inner}, reversed(key.split(".")), value)


def _merge(under: Any, over: Any, at: tuple[str, ...]) -> Any:
    if not isinstance(over, Mapping):
        return over
    kept = _kept(under, over, at)
    gone = {key for key, value in over.items() if at == ("columns",) and value is False}
    both = {**kept, **{key: _merge(kept.get(key), value, (*at, key)) for key, value in over.items()}}
    return {key: value for key, value in both.items() if key not in gone}


def _kept(under: Any, over: Mapping[str, Any], at: tuple[str, ...]) -> dict[str, Any]:
    is_rule = len(at) == 2 and at[0] == "columns"
    if is_rule and isinstance(under, str):  # price = "px" is short for { column = "px" }
        under = {"column": under}
    kept = dict(under) if isinstance(under, Mapping) else {}
    anew = is_rule and not ORIGINS.isdisjoint(over)
    return {key: value for key, value in kept.items() if not (anew and key in ORIGINS)}
