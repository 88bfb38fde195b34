"""The job as notebooks call it: with their session, interrupted by them, and shown as HTML."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

import pytest

from sinks import runs
from streaming import notebook
from streaming.alone import Alone
from streaming.errors import SettingsError, StreamingError
from streaming.job import Job
from streaming.settings import load
from tests.acceptance.desk import Desk, row, table


@pytest.fixture
def config(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration of the desk's feed, with the demand that no other session is started."""
    path = desk.state / "tradewind.toml"
    path.write_text(
        f'[state]\ndir = "{desk.state}"\n\n[feeds.x]\nsource = "{desk.folder}"\nprofile = "demo-exchange"\n'
        'discovery = "sweep"\n\n[spark]\nmaster = "spark://127.0.0.1:1"\n'
    )
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", desk.dsn)
    return path


def test_a_backfill_takes_the_active_session_and_leaves_it(desk: Desk, config: Path) -> None:
    desk.drop("a.csv", table(row(1), row(2)))
    job = notebook.backfill("x", config)
    assert job.session is desk.session
    assert desk.session.range(3).count() == 3
    assert desk.books("a.csv") == {"inserted": 2}
    shown = job._repr_html_()
    assert "<b>backfill" in shown
    assert "</b> done, " in shown
    assert '<progress max="1" value="1"></progress> 1 of 1 files' in shown


def test_days_that_cannot_be_are_refused_as_the_command_refuses_them(config: Path) -> None:
    with pytest.raises(SettingsError, match="no day lies between them"):
        notebook.backfill("x", config, first=date(2026, 1, 2), last=date(2026, 1, 1))


def test_an_interrupted_stream_has_ended_well(desk: Desk, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.drop("a.csv", table(row(1)))
    shown = threading.Event()

    def interrupt(self: Job) -> None:
        if not desk.owed() and desk.prices():
            shown.set()
            raise KeyboardInterrupt  # as a kernel does when its cell is interrupted

    monkeypatch.setattr(Job, "_beat", interrupt)
    job = notebook.stream(["x"], config)
    assert shown.is_set()
    assert "</b> done, " in job._repr_html_()
    assert desk.session.range(3).count() == 3
    with Alone(load(config), ["x"], cure=""):  # the feed's lock is free again
        pass


def test_serverless_compute_is_told_what_to_use_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IS_SERVERLESS", "TRUE")
    with pytest.raises(StreamingError, match=r"Use a backfill there.*classic cluster"):
        notebook.stream()


def test_a_state_is_escaped(desk: Desk) -> None:
    with pytest.raises(RuntimeError), runs.run(desk.dsn, "backfill", ["x"]) as run:
        raise RuntimeError("no <script>alert(1)</script> & no more")
    shown = Job(desk.whole_settings, desk.dsn, None, run)._repr_html_()
    assert "failed: no &lt;script&gt;alert(1)&lt;/script&gt; &amp; no more" in shown
    assert "<script" not in shown


def test_a_state_that_nobody_can_be_asked_for_says_so(desk: Desk) -> None:
    with runs.run(desk.dsn, "backfill", ["x"]) as run:
        pass
    away = desk.dsn.replace("/test_", "/no_such_")
    assert Job(desk.whole_settings, away, None, run)._repr_html_().startswith("<p>")
