"""The page on clusters of one's own: its configuration is valid, its commands are understood, no key is missing."""

import re
import shlex
from pathlib import Path

import pytest

from cli_tool.commands import COMMANDS, loaded
from cli_tool.submitting import understood
from cloud_jobs.job_settings import JobSettings, SizeTable
from cloud_jobs.standalone import StandaloneSettings
from cloud_jobs.targets import KINDS
from cloud_jobs.yarn import YarnSettings
from streaming.settings import Settings, load

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "how-to" / "spark-cluster.md").read_text(encoding="utf-8")
CONFIGURATION = (DOCS / "configuration.md").read_text(encoding="utf-8")
JOBS = CONFIGURATION.partition("## [jobs.NAME]")[2].partition("\n## ")[0]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of all that the page says, as one file."""
    path = tmp_path / "tradewind.toml"
    path.write_text("\n".join(re.findall(r"^```toml\n(.*?)^```", PAGE, re.M | re.S)))
    return load(path, environ={})


def _commands() -> list[list[str]]:
    lines = [line for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S) for line in block.splitlines()]
    lines += re.findall(r"`(tradewind [^`\n]+ [^`\n]+)`", PAGE)
    found = [shlex.split(re.sub(r"^(\w+=(\$\([^)]*\)|\S+) )+", "", line)) for line in lines]
    return [words[1:] for words in found if words[0] == "tradewind"]


def test_its_configuration_is_valid(settings: Settings) -> None:
    assert {name: job.kind for name, job in settings.jobs.items()} == {"cluster": "standalone", "hadoop": "yarn"}


@pytest.mark.parametrize("words", _commands(), ids=" ".join)
def test_its_commands_are_understood(settings: Settings, words: list[str]) -> None:
    name, *rest = words
    command, below = loaded(name), getattr(loaded(name), "commands", {})
    if below:
        command, rest = below[rest[0]], rest[1:]
    parsed = command.make_context(name, list(rest))  # type: ignore[attr-defined]
    assert name in COMMANDS
    if name in ("submit", "jobs"):
        assert parsed.params["name"] in settings.jobs
    if name == "submit":
        understood(settings, parsed.params["command"])


def test_every_key_of_these_kinds_is_in_the_configurations_page() -> None:
    named = set(re.findall(r"`([a-z_]+)`", JOBS))
    keys = {key for model in (JobSettings, SizeTable, StandaloneSettings, YarnSettings) for key in model.model_fields}
    assert keys - named - {"size", "secrets"} == set()
    assert set(KINDS) <= set(re.findall(r"`([a-z-]+)`", JOBS))
