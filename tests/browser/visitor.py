"""Somebody at a browser: what they see, and that the browser's console has nothing to complain of."""

from __future__ import annotations

import re
from contextlib import closing
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from psycopg2.extras import RealDictCursor

from sinks import database, links, tokens
from sinks.tokens import Role

PATIENCE = 30_000  # milliseconds until what is expected has to be there
NARROW, WIDE = 360, 1920  # pixels
#: WCAG 2.2 AA and what goes before it.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
expect.set_options(timeout=PATIENCE)


class Visitor:
    """One browser profile at one server. What its console tells is kept; `forgive` takes out what had to come."""

    def __init__(self, browser: Browser, address: str, dsn: str, **profile: Any) -> None:
        self.address, self.dsn = address, dsn
        told = {"locale": "en-GB", "timezone_id": "Europe/Berlin", "viewport": {"width": 1280, "height": 900}}
        self.context = browser.new_context(base_url=address, **(told | profile))
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def sign_in(self, name: str, role: Role, to: str = "/") -> None:
        """By a link, and then to a page."""
        self.page.goto(links.fragment(link(self.dsn, name, role)))
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()
        if to != "/":
            self.page.goto(to)

    def live(self) -> None:
        """Wait until the numbers are those of the database."""
        expect(self.page.locator("tw-link-badge tw-chip")).to_contain_text("Live")

    def number(self, feed: str, name: str) -> int:
        """A number of the feed's row: rows, files, owed, rejects."""
        return int(self.page.locator(f"[data-feed={feed}] .{name}").inner_text().replace(",", ""))

    def expect_number(self, feed: str, name: str, value: int) -> None:
        expect(self.page.locator(f"[data-feed={feed}] .{name}")).to_have_text(f"{value:,}")

    def forgive(self, pattern: str) -> None:
        """Take out complaints that belong to what was done; there has to be one."""
        kept = [complaint for complaint in self.complaints if not re.search(pattern, complaint)]
        assert len(kept) < len(self.complaints), f"nobody complained of {pattern}"
        self.complaints = kept

    def overflow(self) -> list[str]:
        """What sticks out at the right of the page, if anything does."""
        found: list[str] = self.page.evaluate(_OVERFLOW)
        return found

    def barriers(self) -> list[str]:
        """What axe finds against WCAG 2.2 AA: the rule and the first places."""
        self.page.evaluate(_FADED)
        found = Axe().run(self.page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        return [
            f"{one['id']}: {[(node['html'][:120], node['failureSummary'][:200]) for node in one['nodes'][:3]]}"
            for one in found.response["violations"]
        ]

    def leave(self) -> None:
        """Close the browser's profile. Raises AssertionError for what the console told."""
        self.context.close()
        assert not self.complaints, self.complaints

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")


#: Not in the middle of a fade, where colours are between two; what waits pulses without an end.
_FADED = """() => Promise.all(
  document.getAnimations()
    .filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
    .map((one) => one.finished.catch(() => null)))"""
_OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll('body *')]
    .filter((one) => one.getBoundingClientRect().right > width + 0.5)
    .map((one) => `${one.tagName.toLowerCase()}.${one.className} ${(one.textContent ?? '').trim().slice(0, 40)}`);
}"""


def link(dsn: str, name: str, role: Role) -> str:
    """The secret of a link that signs in as this token, which is made if there is none."""
    with (
        closing(database.connect(dsn)) as connection,
        database.transaction(connection),
        connection.cursor(cursor_factory=RealDictCursor) as cursor,
    ):
        tokens.create(cursor, name, role, None)
        secret = links.create(cursor, name)
    assert secret
    return secret
