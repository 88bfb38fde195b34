"""What docs/how-to/airflow.md and notebooks.md tell to type: read by Airflow's own parser, or here."""

import json
import re
import shlex
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.acceptance.airflow_home import PROGRAM, ROOT

PAGES = ROOT / "docs" / "how-to"
PARSED = (
    "import json, sys; from airflow.cli.cli_parser import get_parser; get_parser().parse_args(json.loads(sys.argv[1]))"
)


def lines(page: str, program: str) -> list[list[str]]:
    """The words after the program, of each line in a block that calls it."""
    text = (PAGES / page).read_text()
    blocks = [line for block in re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S) for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in blocks if line.startswith(f"{program} ")]


@pytest.mark.slow(15)
@pytest.mark.parametrize("words", lines("airflow.md", "airflow"), ids=" ".join)
def test_airflow_understands_the_line(words: list[str], tmp_path: Path) -> None:
    assert PROGRAM.exists(), "Airflow is not installed: make setup-airflow"
    environ = {"AIRFLOW_HOME": str(tmp_path), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    said = subprocess.run(
        [PROGRAM.with_name("python"), "-c", PARSED, json.dumps(words)],
        env=environ, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr


def test_the_notebooks_page_installs_what_there_is_and_opens_what_is_there() -> None:
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    (installed,) = lines("notebooks.md", "pip")
    asked = re.fullmatch(r"tradewind\[(.+)\]", installed[-1])
    assert asked and set(asked[1].split(",")) <= set(setup["options.extras_require"])
    (opened,) = lines("notebooks.md", "jupyter")
    assert (ROOT / opened[-1]).is_file()
