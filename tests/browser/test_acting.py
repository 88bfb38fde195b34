"""The dashboard over the real job: what lands is seen, what went wrong is mended, and feeds are acted on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.desk import row, table
from tests.browser.conftest import Visit
from tests.browser.desk import Desk, desk
from tests.browser.visitor import Visitor

FEED = "exchange"
SUMS = (
    "SELECT sum(inserted)::bigint AS rows, count(*) AS files, sum(rejected)::bigint AS rejects FROM tradewind.files"
    " WHERE state = 'loaded'"
)


@pytest.fixture(scope="module")
def at(dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(tmp_path_factory.mktemp("desk"), dsn, FEED) as made:
        made.stream()
        yield made


@pytest.fixture
def operator(at: Desk, visit: Visit) -> Visitor:
    visitor = visit(at.address, at.dsn)
    visitor.sign_in("operator", "operator")
    visitor.live()
    return visitor


def trades(first: int, count: int = 100) -> list[str]:
    return [row(f"T{first + number}") for number in range(count)]


def test_a_file_that_lands_moves_the_counters_and_its_rejects_are_told(at: Desk, operator: Visitor) -> None:
    page, before = operator.page, operator.number(FEED, "rows")
    lines = trades(1000, 98)
    lines[10], lines[20] = row("bad", price="12x.5"), row("worse", at="not a time")
    at.drop(FEED, "trades-2026-01-05-001.csv", table(*lines))
    operator.expect_number(FEED, "rows", before + 96)
    shown = {name: operator.number(FEED, name) for name in ("rows", "files", "rejects")}
    assert [shown] == at.rows(SUMS)
    open_file(page, "trades-2026-01-05-001.csv")
    expect(page.get_by_role("heading", name="Rejects")).to_be_visible()
    expect(page.locator("mark")).to_have_text(["12x.5", "not a time"])
    expect(page.get_by_text(lines[10])).to_be_visible()


@pytest.mark.slow(60)
def test_a_file_set_aside_is_loaded_once_the_profile_is_mended_and_it_is_retried(at: Desk, operator: Visitor) -> None:
    page = operator.page
    name = "trades-2026-01-06-001.csv"
    at.drop(FEED, name, table(*[line.replace(",B,", ",K,") for line in trades(2000)]))
    expect(page.get_by_text("1 of 1 wants attention")).to_be_visible()
    open_file(page, name)
    expect(page.locator("header tw-state-chip")).to_contain_text("quarantined", ignore_case=True)
    at.mend(FEED, override='"columns.side.values" = { B = "buy", S = "sell", K = "buy" }')
    page.get_by_role("button", name="Retry", exact=True).click()
    at.until(f"SELECT state FROM tradewind.files WHERE uri LIKE '%/{name}'", lambda state: state == "loaded")
    page.reload()
    expect(page.locator("header tw-state-chip")).to_contain_text("loaded", ignore_case=True)
    page.goto("/")
    expect(page.get_by_text("Nothing wants attention")).to_be_visible()


@pytest.mark.slow(20)
def test_a_paused_feed_owes_what_arrives_until_it_is_resumed(at: Desk, operator: Visitor) -> None:
    page, before = operator.page, operator.number(FEED, "rows")
    page.goto(f"/feeds/{FEED}")
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("alertdialog")).to_be_visible()
    page.get_by_role("alertdialog").get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume", exact=True)).to_be_visible()
    at.drop(FEED, "trades-2026-01-07-001.csv", table(*trades(3000)))
    page.goto("/")
    operator.expect_number(FEED, "owed", 1)
    assert operator.number(FEED, "rows") == before
    page.goto(f"/feeds/{FEED}")
    page.get_by_role("button", name="Resume", exact=True).click()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    page.goto("/")
    operator.expect_number(FEED, "rows", before + 100)


@pytest.mark.slow(60)
def test_a_backfill_is_started_and_followed_to_its_end(at: Desk, operator: Visitor) -> None:
    page = operator.page
    page.goto(f"/runs/backfill?feed={FEED}")
    page.get_by_label("First").fill("2026-01-01")
    page.get_by_label("Last").fill("2026-01-31")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name=f"backfill of {FEED}")).to_be_visible()
    run = at.until("SELECT max(run_id) FROM tradewind.runs WHERE kind = 'backfill'", lambda found: found is not None)
    at.until(f"SELECT state FROM tradewind.runs WHERE run_id = {run}", lambda state: state == "done")
    expect(page).to_have_url(f"{at.address}/runs/{run}")
    expect(page.locator("tw-run-chip").first).to_contain_text("done", ignore_case=True)
    assert at.one(f"SELECT asked_by FROM tradewind.runs WHERE run_id = {run}") == "operator"


@pytest.mark.slow(20)
def test_after_the_server_was_killed_the_totals_are_those_of_the_database(at: Desk, operator: Visitor) -> None:
    page = operator.page
    at.server.kill()
    expect(page.locator("tw-link-badge tw-chip")).to_contain_text("Offline")
    assert (operator.overflow(), operator.barriers()) == ([], [])
    at.drop(FEED, "trades-2026-01-08-001.csv", table(*trades(4000)))
    at.until("SELECT count(*) FROM tradewind.files WHERE uri LIKE '%01-08-001.csv'", lambda found: found == 1)
    at.settle()
    at.server.again()
    operator.live()
    (sums,) = at.rows(SUMS)
    for name, value in sums.items():
        operator.expect_number(FEED, name, value)
    operator.forgive("ERR_CONNECTION_REFUSED|WebSocket")


@pytest.mark.slow(10)
@pytest.mark.parametrize("path", ["/feeds/exchange", "/runs/backfill?feed=exchange"])
def test_a_viewer_is_told_why_nothing_can_be_done(at: Desk, visit: Visit, path: str) -> None:
    viewer = visit(at.address, at.dsn)
    viewer.sign_in("viewer", "viewer", to=path)
    expect(viewer.page.get_by_text("You are a viewer").first).to_be_visible()
    for verb in ("Pause", "Resume", "Backfill", "Sweep"):
        for button in viewer.page.get_by_role("button", name=verb, exact=True).all():
            expect(button).to_be_disabled()


def open_file(page: Page, name: str) -> None:
    """By the listing, as one finds it."""
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Files").click()
    page.get_by_role("link", name=name).first.click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
