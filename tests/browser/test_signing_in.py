"""Signing in and out at a real browser, and what a viewer may not do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from sinks import database, links
from tests.api.conftest import new_token
from tests.api.landing import add_feeds
from tests.api.serving import Serving, serving
from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor, link

REFUSED = r"status of 4(01|10)"  # a browser's console tells every answer that is a refusal


@pytest.fixture(scope="module")
def served(dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    add_feeds(dsn, "spot")
    with serving(tmp_path_factory.mktemp("server"), dsn) as one:
        yield one


@pytest.fixture
def somebody(visit: Visit, served: Serving, dsn: str) -> Callable[[], Visitor]:
    database.execute_alone(dsn, "TRUNCATE tradewind.sign_in_tries")
    return lambda: visit(served.address, dsn)


def test_a_token_signs_in_and_leads_to_where_one_wanted_to_go(somebody: Callable[[], Visitor], dsn: str) -> None:
    visitor = somebody()
    page = visitor.page
    page.goto("/files?state=loaded")
    expect(page).to_have_url(f"{visitor.address}/sign-in?to=%2Ffiles%3Fstate%3Dloaded")
    page.get_by_label("Token").fill(new_token(dsn, "ann", "viewer"))
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{visitor.address}/files?state=loaded")
    expect(page.locator("header")).to_contain_text("ann")


def test_a_wrong_token_is_told_where_it_was_given(somebody: Callable[[], Visitor]) -> None:
    visitor = somebody()
    visitor.page.goto("/sign-in")
    visitor.page.get_by_label("Token").fill("tradewind_wrong")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("alert")).to_contain_text("No such token is in use.")
    visitor.forgive(REFUSED)


def test_signing_out_closes_the_pages_until_somebody_signs_in(somebody: Callable[[], Visitor]) -> None:
    visitor = somebody()
    visitor.sign_in("bob", "viewer")
    visitor.page.get_by_role("button", name="Sign out").click()
    expect(visitor.page.get_by_label("Token")).to_be_visible()
    visitor.page.goto("/files")
    expect(visitor.page.get_by_label("Token")).to_be_visible()


def test_a_link_signs_in_once_and_is_not_in_the_address_any_more(somebody: Callable[[], Visitor], dsn: str) -> None:
    address = links.fragment(link(dsn, "cyd", "operator"))
    first, second = somebody(), somebody()
    first.page.goto(address)
    expect(first.page.locator("header")).to_contain_text("cyd operator")
    expect(first.page).to_have_url(f"{first.address}/")
    second.page.goto(address)
    expect(second.page.get_by_role("alert")).to_contain_text("used already: it signs in once. Make another")
    expect(second.page).to_have_url(f"{second.address}/sign-in")
    second.forgive(REFUSED)


def test_the_same_browser_may_open_its_link_again(somebody: Callable[[], Visitor], dsn: str) -> None:
    address = links.fragment(link(dsn, "dan", "viewer"))
    visitor = somebody()
    for _ in range(2):
        visitor.page.goto("about:blank")
        visitor.page.goto(address)
        expect(visitor.page).to_have_url(f"{visitor.address}/")
    visitor.live()
    visitor.forgive(REFUSED)


def test_a_session_that_ends_meanwhile_leads_to_signing_in(somebody: Callable[[], Visitor], dsn: str) -> None:
    visitor = somebody()
    visitor.sign_in("eve", "viewer")
    visitor.live()
    database.execute_alone(dsn, "UPDATE tradewind.tokens SET revoked_at = now() WHERE name = 'eve'")
    visitor.page.get_by_role("navigation", name="Pages").get_by_role("link", name="Files").click()
    expect(visitor.page.get_by_label("Token")).to_be_visible()
    visitor.forgive(REFUSED)
