"""The pages on Google Cloud and Databricks: their configurations are valid, their commands exist."""

import re
from pathlib import Path

import pytest

from cli_tool.commands import COMMANDS
from streaming.feeds import plans
from streaming.settings import load

FOLDER = Path(__file__).parents[2] / "docs" / "how-to"
PAGES = {page: (FOLDER / f"{page}.md").read_text(encoding="utf-8") for page in ("gcs", "databricks")}
CONFIGURATIONS = [
    (page, text) for page in PAGES for text in re.findall(r"^```toml\n(.*?)^```", PAGES[page], re.M | re.S)
]


@pytest.mark.parametrize(("page", "text"), CONFIGURATIONS)
def test_the_configurations_are_valid(page: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "tradewind.toml"
    path.write_text(text)
    settings = load(path, environ={})
    assert {plan.by_spark for plan in plans(settings)} == {page == "databricks"} if settings.feeds else True


def test_the_commands_exist() -> None:
    named = re.findall(r"\[\"([a-z]+)\", \"spot\"\]", PAGES["databricks"])
    assert named == ["backfill", "stream"]
    assert set(named) <= set(COMMANDS)
