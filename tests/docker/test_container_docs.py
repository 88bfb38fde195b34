"""docs/how-to/containers.md: what it tells to type exists, and its overlay is one."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from cli_tool.commands import COMMANDS
from tests.clouds.go_programs import built
from tests.docker.composed import DOCKER, ROOT, composed
from tests.docker.dockerfile import stages
from tests.docker.test_kubernetes import SOURCE

PAGE = (ROOT / "docs" / "how-to" / "containers.md").read_text()


def _lines() -> Iterator[list[str]]:
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S):
        for line in block.splitlines():
            if words := shlex.split(line, comments=True):
                yield words


def test_every_line_is_of_a_program_that_is_checked_here() -> None:
    assert {words[0] for words in _lines()} == {"make", "cp", "docker", "kubectl"}


def test_verbs_of_make_exist() -> None:
    verbs = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert {words[1] for words in _lines() if words[0] == "make"} <= verbs


def test_what_is_asked_of_compose_is_a_service_and_a_program_in_it() -> None:
    services = composed("*")["services"]
    asked = [words[4:] for words in _lines() if words[:4] == ["docker", "compose", "--file", "docker/compose.yaml"]]
    executed = [words for words in asked if words[0] == "exec"]
    assert {words[1] for words in executed} | {words[-1] for words in asked if words[0] == "logs"} <= set(services)
    assert {words[0] for words in asked} <= {"exec", "logs", "--profile"}
    assert {words[3] for words in executed if words[2] == "tradewind"} <= set(COMMANDS)
    assert {tuple(words[2:5]) for words in executed if words[2] != "tradewind"} == {
        ("python", "-m", "tests.clouds.stand_in")
    }


def test_an_image_that_is_built_is_a_target() -> None:
    builds = [words for words in _lines() if words[:2] == ["docker", "build"]]
    assert {words[words.index("--target") + 1] for words in builds} <= set(stages())
    assert {words[words.index("--file") + 1] for words in builds} == {"docker/Dockerfile"}


def test_secrets_and_places_are_those_of_the_files() -> None:
    named = set(re.findall(r"`((?:postgres|tradewind)_password)`", PAGE))
    assert named <= set(composed()["secrets"])
    for path in re.findall(r"`(docker/[\w./-]+)`", PAGE):
        made = path.startswith(("docker/secrets", "docker/inbox"))
        assert made or (ROOT / path).exists(), path


@pytest.mark.slow(2)
@pytest.mark.timeout(900)
def test_the_overlay_is_one(tmp_path: Path) -> None:
    copytree(DOCKER / "kubernetes", tmp_path / "kubernetes")
    own = tmp_path / "kubernetes" / "own"
    own.mkdir()
    (own / "tradewind.toml").write_text("")
    (told,) = re.findall(r"^```yaml\n# kustomization.yaml\n(.*?)^```", PAGE, re.M | re.S)
    (own / "kustomization.yaml").write_text(told)
    said = subprocess.run(
        [built(SOURCE, "sigs.k8s.io/kustomize/kustomize/v5"), "build", own],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (said.returncode, said.stderr) == (0, "")
    assert "registry.example.com/tradewind-job:0.1.0" in said.stdout
    assert "eks.amazonaws.com/role-arn" in said.stdout
