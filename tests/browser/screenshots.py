"""`python -m tests.browser.screenshots FOLDER [DATA]`: every page, light and dark, narrow and wide, over a demo's day.

DATA is where the feeds' files lie meanwhile, which pages show: a folder that is not there yet.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from cli_tool.demo_files import drops
from sinks import embedded, migrate
from tests.browser.desk import Desk, desk
from tests.browser.places import NAMES, PLACES, address, fill
from tests.browser.visitor import NARROW, WIDE, Visitor

SECONDS = 0.4  # between two files
LOOK = 15_000  # milliseconds, after which the curves of the overview have a past
SIZES = {"narrow": (NARROW, 800), "wide": (WIDE, 1080)}


def main(folder: Path, data: Path) -> None:
    """One file a page, theme and width: `overview-dark-wide.png`."""
    folder.mkdir(parents=True, exist_ok=True)
    data.mkdir(parents=True)
    try:
        with _database() as dsn, desk(data, dsn, *NAMES) as made, sync_playwright() as playwright:
            fill(made)
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            with _sending(made):
                for theme in ("light", "dark"):
                    for size in SIZES:
                        _take_all(browser, made, folder, theme, size)
            browser.close()
    finally:
        shutil.rmtree(data)


@contextmanager
def _database() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="tradewind-pictures-") as place:
        Path(place).chmod(0o755)  # its server may run as another user
        dsn = embedded.dsn(embedded.EMBEDDED, Path(place, "state"))
        migrate.migrate(dsn)
        try:
            yield dsn
        finally:
            embedded.leave(Path(place, "state"))


@contextmanager
def _sending(made: Desk) -> Iterator[None]:
    """More of the demo's days land meanwhile, so that there is something going on."""
    over = threading.Event()

    def send() -> None:
        for drop in drops(seed=8):
            if "2026-01-05" in drop.name or "20260105" in drop.name:
                continue
            if over.wait(SECONDS):
                return
            made.drop(drop.feed.removeprefix("demo-"), drop.name, drop.content)

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    yield
    over.set()
    sender.join()


def _take_all(browser: Browser, made: Desk, folder: Path, theme: str, size: str) -> None:
    width, height = SIZES[size]
    look = {"color_scheme": theme, "viewport": {"width": width, "height": height}, "reduced_motion": "reduce"}
    visitor = Visitor(browser, made.address, made.dsn, **look)
    visitor.page.goto("/sign-in")
    visitor.page.screenshot(path=folder / f"sign-in-{theme}-{size}.png")
    visitor.sign_in("demo", "operator")
    for name in PLACES:
        visitor.page.goto(address(made, name))
        visitor.live()
        visitor.page.wait_for_load_state("networkidle")
        if name == "overview":
            visitor.page.wait_for_timeout(LOOK)
        expect(visitor.page.locator("[aria-busy=true], .waiting")).to_have_count(0)
        visitor.page.screenshot(path=folder / f"{name}-{theme}-{size}.png", full_page=size == "narrow")
    visitor.context.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp(), "data"))
