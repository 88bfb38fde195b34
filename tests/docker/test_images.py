"""The images, without an engine: what hadolint says, and what each stage takes from where."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sinks import roles
from tests.docker.composed import DOCKER, ROOT
from tests.docker.dockerfile import stages

TARGETS = ("job", "api", "airflow", "clouds")
STAGES = stages()


def test_hadolint_has_nothing_against_it() -> None:
    said = subprocess.run(
        [Path(sys.executable).with_name("hadolint"), "--no-color", DOCKER / "Dockerfile"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (said.returncode, said.stdout) == (0, "")


@pytest.mark.parametrize("target", TARGETS)
def test_an_image_runs_as_a_numbered_user_and_tells_its_health(target: str) -> None:
    stage = STAGES[target]
    assert int(stage.user) > 0  # Kubernetes' runAsNonRoot believes only numbers
    assert stage.entrypoint and stage.command and stage.healthcheck


def test_every_stage_is_used_and_every_base_is_pinned() -> None:
    used = {name for stage in STAGES.values() for name in stage.needs}
    assert set(STAGES) - used == set(TARGETS) - {"job"}  # job is the base of api
    assert used - set(STAGES) == {"python:${PYTHON}"}
    assert re.search(r"^ARG PYTHON=3\.11\.\d+-slim-bookworm$", (DOCKER / "Dockerfile").read_text(), re.MULTILINE)


def test_what_is_copied_from_here_is_here() -> None:
    here = [one.source for stage in STAGES.values() for one in stage.copied if not one.stage]
    assert [source for source in here if not (ROOT / source).exists()] == []


def test_packages_are_pinned_with_hashes_and_the_database_is_a_server_of_its_own() -> None:
    for name in ("image", "image-jobs", "image-build", "airflow"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        pinned = re.findall(r"^[a-z0-9][^ =]*==", text, re.MULTILINE)
        assert len(pinned) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE)) > 0
        assert "--hash=sha256:" in text
    assert "pgserver" not in (ROOT / "requirements" / "image.txt").read_text()


def test_an_image_has_the_packages_that_the_tests_have() -> None:
    def pinned(name: str) -> set[str]:
        return set(
            re.findall(r"^([a-z0-9][\w.-]*==\S+)", (ROOT / f"requirements/{name}.txt").read_text(), re.MULTILINE)
        )

    tested = pinned("spark-4-dev")
    assert pinned("image") <= tested
    assert pinned("image-jobs") <= tested
    assert pinned("image-build") <= tested


def test_the_roles_of_the_database_are_those_that_the_program_prints() -> None:
    assert (DOCKER / "postgres" / "10-roles.sql").read_text() == f"{roles.script()}\n"


def test_no_image_takes_what_git_does_not_keep() -> None:
    ignored = set((ROOT / ".dockerignore").read_text().split("\n"))
    assert {".git", ".venv*", "**/node_modules", "docker/secrets", "docker/inbox", "state", "dashboard/dist"} <= ignored
