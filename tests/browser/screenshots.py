"""`python -m tests.browser.screenshots FOLDER [DATA]`: every page, light and dark, narrow and wide, over a demo's day.

DATA is where the feeds' files lie meanwhile, which pages show: a folder that is not there yet.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from sinks import embedded, migrate
from tests.browser.desk import Desk, desk
from tests.browser.places import NAMES, PLACES, address, fill
from tests.browser.visitor import NARROW, WIDE, Visitor

SIZES = {"narrow": (NARROW, 800), "wide": (WIDE, 1080)}


def main(folder: Path, data: Path) -> None:
    """One file a page, theme and width: `overview-dark-wide.png`."""
    folder.mkdir(parents=True, exist_ok=True)
    data.mkdir(parents=True)
    try:
        with _database() as dsn, desk(data, dsn, *NAMES) as made, sync_playwright() as playwright:
            fill(made)
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
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
        expect(visitor.page.locator("[aria-busy=true], .waiting")).to_have_count(0)
        visitor.page.screenshot(path=folder / f"{name}-{theme}-{size}.png", full_page=size == "narrow")
    visitor.context.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp(), "data"))
