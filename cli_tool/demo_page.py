"""The demo's dashboard: `tradewind serve` beside the job, in a process of its own, and the one link into it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from cli_tool import linking, run
from streaming.opening import ready
from streaming.settings import Settings

VISITOR = "demo"  # whoever follows the link, in the audit
GRACE = 30.0  # seconds that the server has to end
_FOREIGN = "TRADEWIND_"  # settings of an environment that are not the demo's


class NoPage(Exception):
    """The demo goes on without its page; the message tells why."""


@contextmanager
def page(settings: Settings, folder: Path, log: int) -> Iterator[str]:
    """The link, while the server runs. Raises NoPage where there is none to be served."""
    _refuse_without()
    dsn = ready(settings)
    server = subprocess.Popen(
        [sys.executable, run.__file__, "--config", str(folder / "tradewind.toml"), "serve", "--port", "0", "--child"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=_environment(),
        start_new_session=True,  # Ctrl-C is for the job, and the page stays for as long as that needs to end
    )  # fmt: skip
    try:
        yield linking.made(dsn, _address(server), VISITOR, "operator")
    finally:
        _end(server)


def _refuse_without() -> None:
    if find_spec("flask_socketio") is None:
        raise NoPage("The dashboard is not shown: `pip install 'tradewind[api]'` brings what it needs.")
    from api import dashboard

    if dashboard.folder() is None:
        raise NoPage("The dashboard is not shown: it is not built; `make dashboard` does that.")


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}


def _address(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None
    address = server.stdout.readline().strip()
    if not address:
        raise NoPage("The dashboard is not shown: its server ended at once; demo.log says why.")
    return address


def _end(server: subprocess.Popen[str]) -> None:
    """By its stdin, which would end with us in any case."""
    assert server.stdin is not None and server.stdout is not None
    server.stdin.close()
    try:
        server.wait(GRACE)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    server.stdout.close()
