"""The tables, for the terminal and for docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.line import Line
from benchmarks.rig import Rig

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
MEASURED = "<!-- measured: "


def tables(rig: Rig, lines: list[Line]) -> str:
    """Markdown: the figures, then where the seconds of each load went."""
    rows = ["| what | measured | target |", "| --- | --- | --- |"]
    rows += [f"| {line.what} | {line.measured} | {line.target} |" for line in lines]
    for label, spent in rig.where.items():
        rows += ["", f"Where the seconds go: {label}", "", "| part | |", "| --- | ---: |"]
        rows += [f"| {part.replace('  ', '&nbsp;&nbsp;')} | {seconds:.2f} |" for part, seconds in spent.items()]
    return "\n".join(rows)


def machine() -> str:
    """Processor, cores, memory and kernel."""
    facts = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in facts if line.startswith("model name")), "?")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.release()}"


def mark(only: Sequence[str] | None) -> str:
    """What stands above the figures of all scenarios, or of these alone."""
    chosen = f'"{" ".join(f"--only {name}" for name in only)} --write"' if only else "--write"
    return f"{MEASURED}written by `make bench ARGS={chosen}` -->"


def write(rig: Rig, lines: list[Line], arguments: list[str], only: Sequence[str] | None = None) -> None:
    """Replace in docs/benchmarks.md what a run of the same scenarios wrote; a first one comes last."""
    own = mark(only)
    above, _, below = DOCUMENT.read_text().partition(own)
    _, other, others = below.partition(MEASURED)
    call = f"python -m benchmarks {shlex.join(_told(arguments))}"
    told = f"{datetime.now(UTC):%Y-%m-%d}, {machine()}; `{call}` (scale {rig.scale:g})"
    if rig.session is not None:
        told += (
            f"; not counted below: Spark's start-up {rig.spark_seconds:.1f} s, the first backfill of a process "
            f"(two small files, all code cold) {rig.warm_seconds:.1f} s"
        )
    told += ".\n"
    DOCUMENT.write_text(f"{above.rstrip()}\n\n{own}\n\n{told}\n{tables(rig, lines)}\n\n{other}{others}".rstrip() + "\n")


def _told(arguments: list[str]) -> list[str]:
    """The call as anybody can repeat it: where the files went is nobody else's."""
    places = {n + step for n, word in enumerate(arguments) if word == "--dir" for step in (0, 1)}
    return [word for n, word in enumerate(arguments) if n not in places and not word.startswith("--dir=")]
