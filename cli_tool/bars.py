"""Progress bars of long work on a terminal; silence elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from cloud_jobs.archive import Part
from sinks.ledger import Owed
from triggers.sweep import SweepCounts


class LoadBar:
    """Over the bytes that are owed."""

    def __init__(self, as_json: bool) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, disable=as_json, transient=True)
        self._task: Any = None
        self._total = 0

    def __enter__(self) -> LoadBar:
        self._progress.start()
        self._task = self._progress.add_task("loading", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, owed: Owed) -> None:
        self._total = max(self._total, owed.bytes)
        text = f"{owed.files:,} files owed"
        self._progress.update(
            self._task, total=self._total or None, completed=self._total - owed.bytes, description=text
        )


class SweepBar:
    """The objects seen so far, of each feed: how many there are, nobody knows before."""

    def __init__(self, as_json: bool) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        self._progress = Progress(*columns, disable=as_json, transient=True)

    def __enter__(self) -> SweepBar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def of(self, feed: str) -> Callable[[SweepCounts], None]:
        """What tells of one feed's sweep."""
        task = self._progress.add_task(f"{feed}: listing", total=None)

        def told(counts: SweepCounts) -> None:
            text = f"{feed}: {counts.objects:,} objects seen, {counts.missing:,} to be journaled"
            self._progress.update(task, description=text)

        return told


class StepBar:
    """What is being packed and sent, a line that changes; how long each takes, nobody knows before."""

    def __init__(self, as_json: bool) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        self._progress = Progress(*columns, disable=as_json, transient=True)
        self._task: Any = None

    def __enter__(self) -> StepBar:
        self._progress.start()
        self._task = self._progress.add_task("looking", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, step: str) -> None:
        self._progress.update(self._task, description=step)

    def part(self, part: Part, sent: bool) -> None:
        """A part of a package, and whether it has to be sent."""
        self(f"sending {part.name}, {part.bytes / 1e6:,.1f} MB" if sent else f"{part.name} is there already")
