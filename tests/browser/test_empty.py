"""Before anything has run each page says so, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.api.serving import Serving, serving
from tests.browser.conftest import Visit
from tests.browser.visitor import NARROW

pytestmark = [pytest.mark.slow(10)]


@pytest.fixture(scope="module")
def served(dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("server"), dsn) as one:
        yield one


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/", "No feed has run yet"),
        ("/files", "No file has been seen yet"),
        ("/runs", "Nothing has run yet"),
        ("/runs/backfill", "Start a backfill"),
        ("/trades", "Trades"),
        ("/reconciliation", "Reconciliation"),
    ],
)
def test_an_empty_page_says_so_and_shuts_nobody_out(
    served: Serving, dsn: str, visit: Visit, path: str, told: str, theme: str
) -> None:
    visitor = visit(served.address, dsn, color_scheme=theme, viewport={"width": NARROW, "height": 800})
    visitor.sign_in("newcomer", "operator", to=path)
    expect(visitor.page.locator("#content")).to_contain_text(told)
    visitor.live()
    assert (visitor.overflow(), visitor.barriers()) == ([], [])
