"""What the DAGs share: a task that runs the command line, in whose environment Tradewind is installed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from airflow.sdk import Asset, AssetAlias, BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException

#: The program `tradewind` of Tradewind's own environment; its configuration is named by TRADEWIND_CONFIG.
PROGRAM = os.environ.get("TRADEWIND_COMMAND", "tradewind")
#: The feeds of scheduled runs, with commas between them.
FEEDS = [name.strip() for name in os.environ.get("TRADEWIND_FEEDS", "").split(",") if name.strip()]
#: Which feeds a run touches is known when it runs: their Assets come in by this name.
FEEDS_TOUCHED = AssetAlias("tradewind_feeds")
#: The nightly reports, likewise.
REPORTS = AssetAlias("tradewind_reports")
FAILED, USAGE, QUARANTINED = 1, 2, 3


def asset_of(feed: str) -> Asset:
    """The Asset of a feed, for a DAG to be scheduled on."""
    return Asset(name=f"tradewind_{feed}", uri=f"tradewind://feeds/{feed}")


def report_of(feed: str) -> Asset:
    """The Asset of a feed's nightly report, which `trade_reconcile` gives as `extra`."""
    return Asset(name=f"tradewind_report_{feed}", uri=f"tradewind://reports/{feed}")


class TradewindOperator(BaseOperator):
    """Runs `tradewind WORDS`, without a shell; its JSON lines are the result, its log is the task's.

    Each line that names a feed is an event of the feed's Asset, where FEEDS_TOUCHED is an outlet. Wrong usage is not
    tried again; something quarantined fails the task if the run's parameter `fail_on_quarantine` says so. With
    `findings`, a program that ends with 1 and has told what it found (`tradewind audit`) has done its work.
    """

    template_fields = ("words", "environ")

    def __init__(
        self, *, words: Sequence[str], environ: Mapping[str, str] | None = None, findings: bool = False, **rest: Any
    ) -> None:
        super().__init__(**rest)
        self.words, self.environ, self.findings = words, environ or {}, findings

    def execute(self, context: Any) -> list[dict[str, Any]]:
        code, answers = self._run(self.words)
        if code == QUARANTINED and context["params"].get("fail_on_quarantine", False):
            raise AirflowFailException(self._set_aside(answers))
        if code == USAGE:
            raise AirflowFailException(f"`tradewind {' '.join(self.words)}` cannot be used so; its log says why")
        if code not in (0, QUARANTINED) and not (code == FAILED and self.findings and answers):
            raise AirflowException(f"`tradewind {' '.join(self.words)}` ended with {code}; its log says why")
        if FEEDS_TOUCHED in self.outlets:
            for answer in filter(lambda answer: "feed" in answer, answers):
                context["outlet_events"][FEEDS_TOUCHED].add(asset_of(answer["feed"]), extra=_metadata(answer))
        return answers

    def on_kill(self) -> None:
        """The program finishes what it has in hand, and gives back the rest."""
        if (process := getattr(self, "process", None)) is not None:
            process.terminate()

    def _run(self, words: Sequence[str]) -> tuple[int, list[dict[str, Any]]]:
        environ = {**os.environ, **self.environ}
        with subprocess.Popen([PROGRAM, *words], stdout=subprocess.PIPE, text=True, env=environ) as self.process:
            answers = [json.loads(line) for line in self.process.stdout if self._said(line)]
        return self.process.returncode, answers

    def _said(self, line: str) -> bool:
        self.log.info("%s", line.rstrip())
        return line.startswith("{")

    def _set_aside(self, answers: Sequence[Mapping[str, Any]]) -> str:
        files = [
            file
            for answer in answers
            for file in self._run(["files", "list", "--feed", answer["feed"], "--state", "quarantined", "--json"])[1]
        ]
        return "quarantined: " + "; ".join(f"{file['uri']}: {file['reason']}" for file in files)


def _metadata(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What came of it, rows, rejects and files by these names too, where it loaded something."""
    if "inserted" not in answer:
        return dict(answer)
    rows = answer["inserted"] + answer["updated"]
    return {**answer, "rows": rows, "rejects": answer["rejected"], "files": answer["files"]}
