"""The proposal as TOML that people read: reasons as comments, questions marked as such."""

from __future__ import annotations

import json
import re
from typing import Any

from streaming.suggesting.said import Proposal, Settings

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def written(proposal: Proposal) -> str:
    """The TOML text of a proposal."""
    tables = [(heading, settings) for heading, settings in proposal.tables() if settings]
    return "\n".join(_table(heading, settings) for heading, settings in tables)


def _table(heading: str, settings: Settings) -> str:
    lines = [heading] if heading else []
    for key, said in settings.items():
        lines += [f"# {_one_line(text)}" for text in said.because]
        lines += [f"# QUESTION: {_one_line(text)}" for text in said.questions]
        lines += [f"{_key(key)} = {literal(said.value)}"]
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    return "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in text)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _basic(name)


def literal(value: Any) -> str:
    """A value as TOML has it (https://toml.io/en/v1.0.0)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {literal(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(literal, value)) + "]"
    return _text(value) if isinstance(value, str) else str(value)


def _text(value: str) -> str:
    plain = "\\" in value and "'" not in value and value.isprintable()
    return f"'{value}'" if plain else _basic(value)


def _basic(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
