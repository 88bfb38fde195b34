"""The pages on Azure, Google Cloud and Databricks: their configurations are valid, their commands exist."""

import re
import runpy
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli_tool.commands import COMMANDS
from streaming.feeds import plans
from streaming.settings import load
from tests.clouds import google_sdk

FOLDER = Path(__file__).parents[2] / "docs" / "how-to"
PAGES = {page: (FOLDER / f"{page}.md").read_text(encoding="utf-8") for page in ("azure", "gcs", "databricks")}
FEED = '[feeds.spot]\nsource = "abfss://trades@myaccount.dfs.core.windows.net/spot/"\nprofile = "binance-spot-trades"\n'
CONFIGURATIONS = [
    (page, text) for page in PAGES for text in re.findall(r"^```toml\n(.*?)^```", PAGES[page], re.M | re.S)
]


@pytest.mark.parametrize(("page", "text"), CONFIGURATIONS)
def test_the_configurations_are_valid(page: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "tradewind.toml"
    path.write_text(f"{FEED}{text}" if text.startswith("[feeds.spot.events]") else text)
    settings = load(path, environ={})
    assert {plan.by_spark for plan in plans(settings)} == {page == "databricks"} if settings.feeds else True


@pytest.mark.parametrize("page", ["azure", "gcs"])
def test_a_command_of_ours_that_a_page_names_exists(page: str) -> None:
    assert set(re.findall(r"`tradewind ([a-z]+)", PAGES[page])) <= set(COMMANDS)


def commands(page: str, program: str) -> Iterator[list[str]]:
    """The words of each command line of a program on a page: in blocks, in the text, and within others."""
    blocks = [line for block in re.findall(r"^```sh\n(.*?)^```", page, re.M | re.S) for line in _lines(block)]
    for line in [*blocks, *re.findall(r"`([^`\n]+)`", page)]:
        if line.startswith(f"{program} "):
            yield shlex.split(line)
        yield from (shlex.split(inner) for inner in re.findall(rf"\$\(({program} [^)]*)\)", line))


def _lines(block: str) -> list[str]:
    return block.replace("\\\n", " ").splitlines()


@pytest.fixture(scope="module")
def gcloud() -> dict[str, Any]:
    """All of gcloud's commands with their flags, as its own completion has them."""
    tree = google_sdk.found("data/cli/gcloud_completions.py")
    if tree is None:
        pytest.skip("no Google Cloud SDK here")
    known: dict[str, Any] = runpy.run_path(str(tree))["STATIC_COMPLETION_CLI_TREE"]
    return known


def test_the_commands_of_gcloud_are_its_own(gcloud: dict[str, Any]) -> None:
    found = list(commands(PAGES["gcs"], "gcloud"))
    assert len(found) >= 10
    for _, *words in found:
        at = gcloud
        while words and words[0] in at["commands"]:
            at = at["commands"][words.pop(0)]
        assert not at["commands"], f"{words}: no command of gcloud"
        for word in words:
            name, _, value = word.partition("=")
            if name.startswith("--"):
                known = {**gcloud["flags"], **at["flags"]}
                assert name in known, f"{name}: no flag of that command"
                assert not isinstance(known[name], list) or set(value.split(",")) <= set(known[name]), word


RIGHTS = [
    ("gcs", '`after_load = "archive"`', ["get", "list", "create"]),
    ("gcs", "`state.journal`, `state.checkpoints`", ["get", "list", "create", "delete"]),
    ("azure", '`after_load = "archive"`', ["both containers"]),
    ("azure", "`state.journal`, `state.checkpoints`", ["Storage Blob Data Contributor"]),
]


@pytest.mark.parametrize(("page", "what", "rights"), RIGHTS)
def test_archives_and_a_state_in_a_bucket_have_their_rows_of_rights(page: str, what: str, rights: list[str]) -> None:
    (row,) = (line for line in PAGES[page].splitlines() if line.startswith(f"| {what}"))
    named = [f"`storage.objects.{right}`" for right in rights] if page == "gcs" else rights
    assert [right for right in named if right not in row] == []
