"""From the commit of a batch to the number in a real browser's page."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from playwright.sync_api import sync_playwright

from benchmarks.line import Line
from benchmarks.rig import Rig
from sinks import database
from tests.api.landing import add_feeds, begin_landing
from tests.api.serving import serving
from tests.browser.visitor import Visitor

FEEDS = ("one", "two", "three")
PAUSES = (0.15, 0.35)  # seconds between two batches
#: Notes when a feed's count of files is another in the page, and when the next frame is about to be drawn with it.
_WATCH = r"""(feeds) => {
  const now = () => performance.timeOrigin + performance.now();
  window.seen = [];
  for (const feed of feeds) {
    const cell = document.querySelector(`[data-feed=${feed}] .files`);
    new MutationObserver(() => {
      const [files, at] = [Number(cell.textContent.replace(/\D/g, '')), now()];
      requestAnimationFrame(() => window.seen.push([feed, files, at, now()]));
    }).observe(cell, { childList: true, characterData: true, subtree: true });
  }
}"""


def dashboard(rig: Rig) -> list[Line]:
    """One batch at a time before the overview; each batch adds a file to a feed."""
    rig.fresh()
    add_feeds(rig.dsn, *FEEDS)
    with serving(rig.folder / "serve", rig.dsn) as server, _looking(server.address, rig.dsn) as visitor:
        visitor.page.evaluate(_WATCH, list(FEEDS))
        committed = _commit(rig, visitor, max(int(200 * rig.scale), 20))
        seen = visitor.page.evaluate("() => window.seen")
    changed, drawn = _latencies(committed, seen)
    goal = "p50 100 ms, p99 300 ms"
    return [
        Line("commit to the number changed in the browser's page, batches one at a time", _told(changed), goal),
        Line("  the same, to the frame that shows it", _told(drawn), ""),
    ]


@contextmanager
def _looking(address: str, dsn: str) -> Iterator[Visitor]:
    path = shutil.which("chromium")
    if path is None:
        raise RuntimeError("There is no chromium on the PATH. As root: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        visitor = Visitor(browser, address, dsn)
        visitor.sign_in("benchmark", "viewer")
        visitor.live()
        visitor.page.wait_for_load_state("networkidle")
        yield visitor
        visitor.leave()
        browser.close()


def _commit(rig: Rig, visitor: Visitor, batches: int) -> dict[tuple[str, int], float]:
    """When each feed's n-th file was about to be committed, in milliseconds since 1970."""
    connection, chance = database.connect(rig.dsn), random.Random(7)
    committed: dict[tuple[str, int], float] = {}
    for number in range(batches):
        feed = FEEDS[number % len(FEEDS)]
        begin_landing(connection, feed)
        committed[feed, number // len(FEEDS) + 1] = time.time() * 1000
        connection.commit()
        visitor.page.wait_for_timeout(1000 * chance.uniform(*PAUSES))
    connection.close()
    visitor.page.wait_for_timeout(1000)  # longer than any number may take
    return committed


def _latencies(committed: dict[tuple[str, int], float], seen: list[Any]) -> tuple[list[float], list[float]]:
    """Milliseconds to the change and to its frame. Raises RuntimeError where a number never came."""
    reached: dict[tuple[str, int], tuple[float, float]] = {}
    for feed, files, changed, drawn in seen:
        for number in range(files, 0, -1):
            if (feed, number) in reached:
                break
            reached[feed, number] = changed, drawn
    if lost := committed.keys() - reached.keys():
        raise RuntimeError(f"{len(lost)} batches were never shown")
    pairs = [(reached[key], at) for key, at in committed.items()]
    return [changed - at for (changed, _), at in pairs], [drawn - at for (_, drawn), at in pairs]


def _told(milliseconds: list[float]) -> str:
    p50, p99 = (float(np.percentile(milliseconds, q)) for q in (50, 99))
    return f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, max {max(milliseconds):.0f} ms"
