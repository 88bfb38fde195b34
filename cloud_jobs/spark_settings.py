"""Spark's settings as TOML has them."""

from __future__ import annotations

from collections.abc import Mapping


def flattened(table: Mapping[str, object], above: str = "") -> dict[str, str]:
    """TOML reads a.b.c as tables in tables; `spark.` may be left out. Raises ValueError for lists and dates."""
    found: dict[str, str] = {}
    for key, value in table.items():
        name = f"{above}{key}"
        if isinstance(value, dict):
            found |= flattened(value, f"{name}.")
        elif isinstance(value, str | int | float):
            full = name if name.startswith("spark.") else f"spark.{name}"
            found[full] = str(value).lower() if isinstance(value, bool) else str(value)
        else:
            raise ValueError(f"has {name} = {value!r}: a setting of Spark is a text, a number, true or false")
    return found
