"""A real Chromium, a database of each module's own, and visitors."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from api import dashboard
from sinks import database, migrate
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's browser. Playwright keeps an event loop while it runs, so each module has its own."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("There is no chromium on the PATH. As root: apt-get install chromium")
    if dashboard.folder() is None:
        pytest.fail("The dashboard is not built: make dashboard")
    # The superuser's processes have no sandbox; containers run as that.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*options, "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def dsn(server: Callable[[int], str], request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database for the tests of one module."""
    name = f"browser_{request.module.__name__.rpartition('.')[2]}"
    database.execute_alone(server(18), f"CREATE DATABASE {name} TEMPLATE template0")
    made = server(18).replace("/tradewind?", f"/{name}?")
    migrate.migrate(made)
    yield made
    database.execute_alone(server(18), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """Makes visitors; at the end of the test none's console may have complained."""
    visitors: list[Visitor] = []

    def made(address: str, dsn: str, **profile: Any) -> Visitor:
        visitors.append(Visitor(chromium, address, dsn, **profile))
        return visitors[-1]

    yield made
    for visitor in visitors:
        visitor.leave()
