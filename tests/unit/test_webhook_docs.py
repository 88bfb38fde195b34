"""The page on webhooks: its configurations are valid, and every setting of the API is documented."""

import re
from pathlib import Path

import pytest

from streaming.hook_settings import EventGridHook, Hooks, PubSubHook, SnsHook
from streaming.settings import load
from streaming.tables import Api

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "how-to" / "webhooks.md").read_text(encoding="utf-8")
CONFIGURATION = (DOCS / "configuration.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", re.findall(r"^ *```toml\n(.*?)^ *```", PAGE, re.M | re.S))
def test_the_configurations_are_valid(text: str, tmp_path: Path) -> None:
    path = tmp_path / "tradewind.toml"
    path.write_text(text)
    load(path, environ={})


@pytest.mark.parametrize("table", [Api, SnsHook, EventGridHook, PubSubHook])
def test_every_key_is_documented(table: type[Api | SnsHook | EventGridHook | PubSubHook]) -> None:
    for key in table.model_fields:
        assert f"| `{key}` |" in CONFIGURATION or f"### [api.{key}]" in CONFIGURATION, key


def test_every_hook_is_documented() -> None:
    for field in Hooks.model_fields.values():
        assert f"`[hooks.{field.alias}]`" in CONFIGURATION
        assert f"/hooks/{field.alias}" in PAGE
