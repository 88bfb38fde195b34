"""`tradewind listen`: the queues of the feeds, in a process of its own."""

from __future__ import annotations

import threading
from typing import Annotated, Any

import structlog
import typer
from rich.console import Console
from rich.live import Live
from rich.text import Text

from cli_tool import options, shown, wiring
from streaming import opening
from streaming.errors import SettingsError
from streaming.feeds import FeedPlan, plans
from streaming.health import Health
from streaming.journaling import LetterBox
from streaming.listening import Listening
from streaming.settings import Settings
from triggers.listener import Listener
from triggers.queues import Hook

log = structlog.get_logger()

BEAT = 0.5  # seconds between looks at how the listeners are
END_WITHIN = 30.0  # seconds that they have to hand back what they hold


def listen(
    ctx: typer.Context,
    feeds: Annotated[
        list[str] | None, typer.Argument(help="The feeds whose queues are listened to; without any, all of them.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Journal what queues and folders tell of new files, for a stream to load, until Ctrl-C or SIGTERM.

    Several may listen to one queue. Streams leave it to them with `stream.listen = false`. With --json one object a
    queue whenever its counts have changed. Example: tradewind listen spot
    """
    settings = options.settings(ctx)
    listening = Listening(settings, _with_events(settings, feeds), LetterBox(lambda: opening.ready(settings)), _gap)
    stop, worked = threading.Event(), _Worked(listening)
    with wiring.signals(stop), Health(settings.stream.health_port, worked) as health, _Screen(as_json) as screen:
        listening.start(stop)
        log.info("Listening", queues=[one.place for one in listening.listeners], health=health.address)
        try:
            while not stop.wait(BEAT):
                listening.check()
                screen.show(listening.listeners)
        finally:
            stop.set()
            listening.join(END_WITHIN)
            screen.show(listening.listeners)
    listening.check()
    log.info("Stopped; what is not journaled is back in its queue")


def _with_events(settings: Settings, names: list[str] | None) -> list[FeedPlan]:
    chosen = plans(settings, names or ())
    if silent := [feed.name for feed in chosen if names and feed.discovery != "events"]:
        raise SettingsError(f'{", ".join(silent)}: no events tell of new files here; set discovery = "events"')
    found = [feed for feed in chosen if feed.discovery == "events" and not isinstance(feed.events, Hook)]
    if not found:
        raise SettingsError(
            'no feed has discovery = "events" and a queue or a folder: there is nothing to listen to (what calls a '
            "hook, `tradewind serve` journals)"
        )
    return found


def _gap(feed: str) -> None:
    log.warning("Changes in the folder may have gone unseen; the next sweep finds them", feed=feed)


class _Worked:
    """The listeners, as the health page sees them."""

    def __init__(self, listening: Listening) -> None:
        self._listening = listening

    @property
    def listeners(self) -> list[Listener]:
        return self._listening.listeners

    def figures(self) -> dict[str, dict[str, Any]]:
        return {
            feed: {"up": listener.failure is None, **self._listening.figures(feed)}
            for listener in self.listeners
            for feed in listener.counts.feeds
        }


class _Screen:
    """On a terminal one line a queue, kept up to date; with --json an object for each that has changed."""

    def __init__(self, as_json: bool) -> None:
        console = Console(stderr=True)
        self._as_json, self._told = as_json, dict[str, dict[str, Any]]()
        self._live = Live(console=console, transient=True) if console.is_terminal and not as_json else None

    def __enter__(self) -> _Screen:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def show(self, listeners: list[Listener]) -> None:
        """How they are now."""
        if self._live:
            self._live.update(Text("\n".join(map(_line, listeners))))
        for listener in listeners if self._as_json else []:
            told = {"queue": listener.place, **listener.counts.told()}
            if self._told.get(listener.place) != told:
                shown.line(told)
            self._told[listener.place] = told


def _line(listener: Listener) -> str:
    counts = listener.counts
    parts = {
        "received": counts.received,
        "journaled": counts.journaled,
        "waiting": counts.waiting,
        "ignored": sum(counts.ignored.values()),
        "letters": counts.letters,
        "errors": counts.errors,
        "backlog": counts.backlog,
    }
    told = ", ".join(f"{number:,} {name}" for name, number in parts.items() if number is not None)
    return f"{listener.place}: {told}"
