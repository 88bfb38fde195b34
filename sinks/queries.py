"""The named blocks of sinks/sql/*.sql: a block begins with `-- name: block_name`."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from psycopg2 import sql

_NAME = re.compile(r"^-- name: *(\w+) *$", re.MULTILINE)


@cache
def blocks(file: str) -> dict[str, str]:
    """Every block of sinks/sql/<file>.sql by its name; the API's files are below api/."""
    text = (resources.files("sinks") / "sql" / f"{file}.sql").read_text(encoding="utf-8")
    parts = _NAME.split(text)
    return dict(zip(parts[1::2], (body.strip() for body in parts[2::2]), strict=True))


def query(file: str, name: str, **parts: sql.Composable) -> sql.Composable:
    """The block `name` of `file`, with its {places} filled by identifiers or fragments, never by values."""
    block = sql.SQL(blocks(file)[name])
    return block.format(**parts) if parts else block
