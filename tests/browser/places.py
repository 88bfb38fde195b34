"""Every page of the dashboard, with something to show: the demo's first day, loaded by the real job."""

from __future__ import annotations

import re
from typing import Any

from cli_tool.demo_files import FEEDS, drops
from tests.api.serving import ROOT
from tests.browser.desk import Desk

ROUTES = ROOT / "dashboard" / "src" / "app" / "app.routes.ts"
#: A page's name, where it is, and the statement whose answer goes into that address.
PLACES: dict[str, tuple[str, str | None]] = {
    "overview": ("/", None),
    "feed": ("/feeds/exchange", None),
    "files": ("/files", None),
    "files-filtered": ("/files?feed=crypto&state=quarantined", None),
    "file": ("/files/{}", "SELECT file_id FROM tradewind.files WHERE state = 'loaded' AND rejected > 0 LIMIT 1"),
    "file-quarantined": ("/files/{}", "SELECT file_id FROM tradewind.files WHERE state = 'quarantined' LIMIT 1"),
    "runs": ("/runs", None),
    "run": ("/runs/{}", "SELECT run_id FROM tradewind.runs WHERE kind = 'stream' LIMIT 1"),
    "trades": ("/trades?dataset=exchange&from=2026-01-05", None),
    "trades-chosen": ("/trades?dataset=exchange&symbol=AAPL&from=2026-01-05&to=2026-01-05", None),
    "trade": (
        "/trades/one?dataset=exchange&id={}",
        "SELECT trade_id FROM tradewind.trades NATURAL JOIN tradewind.datasets WHERE name = 'exchange' LIMIT 1",
    ),
    "reconciliation": ("/reconciliation", None),
    "backfill": ("/runs/backfill?feed=exchange&from=2026-01-05&to=2026-01-06", None),
}
NAMES = tuple(name.removeprefix("demo-") for name in FEEDS)


def fill(desk: Desk) -> None:
    """One day of the demo's files, good and bad, as they stand at its end; and the job, until nothing is owed."""
    day: dict[tuple[str, str], bytes] = {}
    for drop in drops():
        if "2026-01-06" in drop.name or "20260106" in drop.name:
            break
        day[drop.feed, drop.name] = drop.content
    for (feed, name), content in day.items():
        desk.drop(feed.removeprefix("demo-"), name, content)
    desk.stream()
    desk.settle()


def address(desk: Any, name: str) -> str:
    """Where a page is."""
    path, statement = PLACES[name]
    return path.format(desk.one(statement)) if statement else path


def routes() -> list[str]:
    """Those that the dashboard declares, signing in and the way back aside."""
    found = re.findall(r"path: '([^']*)'", ROUTES.read_text(encoding="utf-8"))
    return sorted(path for path in set(found) if path not in ("sign-in", "**"))
