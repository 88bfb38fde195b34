"""An image's stages carried out in a folder, without an engine: each COPY and RUN as written, at places below it."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.docker.composed import ROOT
from tests.docker.dockerfile import Copied, Stage, stages

#: Where images have what they have.
PLACES = re.compile(r"(?<![\w/.])(/opt|/build|/wheels)\b")
#: These make users, or what tests have in their own environment.
LEFT_OUT = frozenset({"user", "packages-of-airflow", "packages-of-clouds"})


def build(target: str, folder: Path) -> Path:
    """The folder holds what the target's stages made, each place `/opt/…` as `folder/opt/…`."""
    known = stages()
    for name in _order(target, known, []):
        for step in known[name].steps:
            if isinstance(step, Copied):
                _copy(step, folder)
            else:
                _run(step, known[name], folder)
    return folder


def _order(name: str, known: dict[str, Stage], found: list[str]) -> list[str]:
    """Whatever a stage needs comes before it."""
    if name in known and name not in found and name not in LEFT_OUT:
        for needed in sorted(known[name].needs):
            _order(needed, known, found)
        found.append(name)
    return found


def _copy(step: Copied, folder: Path) -> None:
    source = Path(below(step.source, folder)) if step.stage else ROOT / step.source
    target = Path(below(step.target, folder))
    if source == target:
        return  # all stages are carried out in one place
    if source.is_dir():
        shutil.copytree(source, target, ignore=ignored(), dirs_exist_ok=True)
    else:
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def ignored() -> Callable[[Any, list[str]], set[str]]:
    """What .dockerignore keeps out, by the last names of its lines; what is kept out by its path is not met twice."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    names = [line.rpartition("/")[2] for line in lines if line and not line.startswith("#")]
    return shutil.ignore_patterns(*names)


def _run(step: str, stage: Stage, folder: Path) -> None:
    script = below(re.sub(r"--mount=\S+\s*", "", step), folder)
    environ = {name: below(value, folder) for name, value in stage.environ.items() if name != "UV_NO_CACHE"}
    environ["PATH"] = environ.get("PATH", "$PATH").replace("$PATH", os.environ["PATH"])
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={**os.environ, **environ}, cwd=folder, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert ran.returncode == 0, f"{script}\n{ran.stdout}\n{ran.stderr}"


def below(text: str, folder: Path) -> str:
    """With the images' places as those below the folder."""
    return PLACES.sub(lambda found: f"{folder}{found[1]}", text)
