"""Where arrivals and unreadable messages are made durable, by whoever receives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict

from sinks import database, letters
from sinks.errors import SinkError
from streaming.settings import Settings
from triggers.errors import LettersUnkept
from triggers.journal import Journal
from triggers.letters import Letter


class LetterBox:
    """Keeps letters in the database, whose address is asked for at the first of them: events need no database."""

    def __init__(self, dsn: Callable[[], str]) -> None:
        self._dsn = dsn

    def __call__(self, given: Iterable[Letter]) -> None:
        """All of them or none. Raises LettersUnkept."""
        try:
            connection = database.connect(self._dsn(), "tradewind letters")
        except SinkError as cause:
            raise LettersUnkept(str(cause)) from cause
        try:
            letters.keep(connection, map(asdict, given))
        except SinkError as cause:
            raise LettersUnkept(str(cause)) from cause
        finally:
            connection.close()


def live_journal(settings: Settings, feed: str) -> Journal:
    """A feed's journal, the same in all live modes, so that switching between them loses no arrival."""
    return Journal(settings.journals.below(feed, "live"))
