"""Every page and state of the dashboard: nobody is shut out, nothing sticks out, and the console is silent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Visit
from tests.browser.desk import Desk, desk
from tests.browser.places import NAMES, PLACES, address, fill, routes
from tests.browser.visitor import NARROW, WIDE, Visitor

pytestmark = [pytest.mark.slow(20)]
BUSY = "[aria-busy=true], .waiting"
THEMES = ("light", "dark")
ASK_NOTHING = ("overview", "backfill")  # the live view tells them what they show
Look = Callable[..., Visitor]


@pytest.fixture(scope="module")
def at(dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(tmp_path_factory.mktemp("desk"), dsn, *NAMES) as made:
        fill(made)
        yield made


@pytest.fixture(scope="module")
def cookies(at: Desk, chromium: Browser) -> dict[str, Any]:
    """Of who is signed in, by role: each visitor has a profile of its own, and signs in no more."""
    kept: dict[str, Any] = {}
    for role in ("viewer", "operator"):
        visitor = Visitor(chromium, at.address, at.dsn)
        visitor.sign_in(f"the {role}", role)
        kept[role] = visitor.context.storage_state()
        visitor.leave()
    return kept


@pytest.fixture
def look(at: Desk, visit: Visit, cookies: dict[str, Any]) -> Look:
    """Somebody signed in, at a page, light or dark, at a width."""

    def made(path: str, theme: str = "light", width: int = WIDE, role: str = "operator") -> Visitor:
        size = {"width": width, "height": 800 if width == NARROW else 1080}
        visitor = visit(at.address, at.dsn, color_scheme=theme, viewport=size, storage_state=cookies[role])
        visitor.page.goto(path)
        return visitor

    return made


def settled(page: Page) -> None:
    """Until what a page has asked for is there."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(BUSY)).to_have_count(0)


def check(visitor: Visitor) -> None:
    assert (visitor.overflow(), visitor.barriers()) == ([], [])


def test_every_route_is_among_the_pages_that_are_looked_at() -> None:
    looked = [path.partition("?")[0].strip("/") for path, _ in PLACES.values()]
    for route in routes():
        pattern = re.sub(r":\w+", "[^/]+", route)
        assert any(re.fullmatch(pattern, path) for path in looked), route


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", PLACES)
def test_a_page_shuts_nobody_out_and_nothing_sticks_out(
    at: Desk, look: Look, name: str, theme: str, width: int
) -> None:
    visitor = look(address(at, name), theme, width)
    settled(visitor.page)
    visitor.live()
    check(visitor)


@pytest.mark.parametrize("name", PLACES)
def test_a_view_is_the_same_for_whom_its_address_is_sent_to(at: Desk, look: Look, name: str) -> None:
    path = address(at, name)
    visitor = look(path)
    settled(visitor.page)
    visitor.live()
    expect(visitor.page).to_have_url(at.address + path)
    before = _content(visitor.page)
    visitor.page.reload()
    settled(visitor.page)
    visitor.live()
    assert _content(visitor.page) == before


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("theme", THEMES)
def test_signing_in_shuts_nobody_out(at: Desk, visit: Visit, theme: str, width: int) -> None:
    visitor = visit(at.address, at.dsn, color_scheme=theme, viewport={"width": width, "height": 800})
    visitor.page.goto("/sign-in")
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    check(visitor)
    visitor.page.get_by_label("Token").fill("wrong")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("alert")).to_contain_text("No such token")
    check(visitor)
    visitor.forgive("status of 401")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", PLACES)
def test_a_viewers_page_shuts_nobody_out(at: Desk, look: Look, name: str, theme: str) -> None:
    visitor = look(address(at, name), theme, NARROW, "viewer")
    settled(visitor.page)
    check(visitor)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", PLACES)
def test_a_page_that_waits_for_its_answer_says_so(at: Desk, look: Look, name: str, theme: str) -> None:
    gate = Gate()
    visitor = look("/sign-in", theme, NARROW)
    visitor.page.route("**/api/v1/**", gate.take)
    visitor.page.goto(address(at, name))
    expect(visitor.page.get_by_role("link", name="Tradewind")).to_be_visible()
    if name not in ASK_NOTHING:
        expect(visitor.page.locator(BUSY).first).to_be_visible()
    check(visitor)
    gate.open()
    settled(visitor.page)


class Gate:
    """Keeps back what a page asks for, but for who it is that asks, until it is opened."""

    def __init__(self) -> None:
        self._held: list[Route] | None = []

    def take(self, route: Route) -> None:
        if self._held is None or route.request.url.endswith("/session"):
            route.continue_()
        else:
            self._held.append(route)

    def open(self) -> None:
        held, self._held = self._held or [], None
        for route in held:
            route.continue_()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("path", ["/files/999999", "/runs/999999", "/feeds/none", "/files?feed=none"])
def test_what_is_not_there_is_told_with_a_way_on(look: Look, path: str, theme: str) -> None:
    visitor = look(path, theme, NARROW)
    settled(visitor.page)
    expect(visitor.page.locator("#content")).to_contain_text(re.compile("no|not|none", re.IGNORECASE))
    check(visitor)
    visitor.complaints = [told for told in visitor.complaints if not re.search("status of 4(04|22)", told)]


@pytest.mark.parametrize("name", PLACES)
def test_without_the_server_a_page_says_so_and_comes_back_with_it(at: Desk, look: Look, name: str) -> None:
    visitor = look("/", width=NARROW)
    visitor.live()
    visitor.page.wait_for_load_state("networkidle")  # the other pages' code is fetched beforehand
    visitor.context.set_offline(True)
    # A page of ours is opened by its own links: the browser could not even load the document.
    visitor.page.evaluate(
        "(path) => { history.pushState({}, '', path); dispatchEvent(new PopStateEvent('popstate')); }",
        address(at, name),
    )
    visitor.page.locator("#content").get_by_role("heading").first.wait_for()
    check(visitor)
    visitor.context.set_offline(False)
    visitor.live()
    visitor.complaints = [told for told in visitor.complaints if "ERR_INTERNET_DISCONNECTED" not in told]


def test_the_keyboard_alone_leads_everywhere(at: Desk, look: Look) -> None:
    page = look("/").page
    settled(page)
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    for name in ("Files", "Runs"):
        tab_to(page, page.get_by_role("navigation", name="Pages").get_by_role("link", name=name))
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    page.goto("/files?state=quarantined")
    settled(page)
    tab_to(page, page.locator("#content a[href^='/files/']").first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Retry", exact=True)).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Ignore", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Reason")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Ignore", exact=True)).to_be_focused()


def tab_to(page: Page, wanted: Any, most: int = 60) -> None:
    """By Tab alone; and what has the focus can be seen to have it."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted.evaluate("(one) => one === document.activeElement"):
            outline = wanted.evaluate("(one) => getComputedStyle(one).outlineStyle + getComputedStyle(one).boxShadow")
            assert outline != "nonenone"
            return
    raise AssertionError(f"Tab does not lead to {wanted}")


def _content(page: Page) -> str:
    """What the page shows, without ages, which grow."""
    return " ".join(re.sub(r"\d+ (s|min|h)\b", "", page.locator("#content").inner_text()).split())
