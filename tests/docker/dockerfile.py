"""What the Dockerfile says of its targets: their stages' instructions, read no further than tests need."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from tests.docker.composed import DOCKER

_MOUNTED = re.compile(r"--mount=from=([\w-]+)")


@dataclass(frozen=True)
class Copied:
    """One source of a COPY; `stage` is "" for the files that the image is built from."""

    stage: str
    source: str
    target: str


@dataclass
class Stage:
    """One stage; what it takes over from the stage below it comes first."""

    base: str
    user: str = "0"
    workdir: str = "/"
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    healthcheck: list[str] = field(default_factory=list)
    environ: dict[str, str] = field(default_factory=dict)
    steps: list[Copied | str] = field(default_factory=list)  # of its own: what is copied and what is run, in order

    @property
    def copied(self) -> list[Copied]:
        return [step for step in self.steps if isinstance(step, Copied)]

    @property
    def needs(self) -> set[str]:
        """The stages that have to be there before."""
        mounted = {name for step in self.steps if isinstance(step, str) for name in _MOUNTED.findall(step)}
        return {self.base, *(one.stage for one in self.copied if one.stage), *mounted}


def stages(file: Path = DOCKER / "Dockerfile") -> dict[str, Stage]:
    """By name, in the order of the file."""
    text = re.sub(r"\\\n\s*", "", re.sub(r"^\s*#.*\n", "", file.read_text(), flags=re.MULTILINE))
    found: dict[str, Stage] = {}
    for line in filter(None, text.splitlines()):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            now = found[name] = _on(base, found)
        elif word != "ARG":
            _note(now, word, rest.strip())
    return found


def _on(base: str, found: dict[str, Stage]) -> Stage:
    below = found.get(base, Stage(base))
    return Stage(
        base, below.user, below.workdir, below.entrypoint, below.command, below.healthcheck, dict(below.environ)
    )


def _note(stage: Stage, word: str, rest: str) -> None:
    match word:
        case "USER":
            stage.user = rest
        case "WORKDIR":
            stage.workdir = rest
        case "ENTRYPOINT":
            stage.entrypoint = json.loads(rest)
        case "CMD":
            stage.command = json.loads(rest)
        case "HEALTHCHECK":
            stage.healthcheck = json.loads(rest.partition(" CMD ")[2])
        case "ENV":
            stage.environ |= dict(re.findall(r"(\w+)=(\S+)", rest))
        case "COPY":
            told = re.fullmatch(r"(?:--from=(\S+) )?(.+) (\S+)", rest)
            assert told, rest
            stage.steps += [Copied(told[1] or "", one, told[3]) for one in told[2].split()]
        case "RUN":
            stage.steps.append(rest)
