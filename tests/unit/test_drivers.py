"""Drivers of this machine: started, looked at, ended, once at a time; real processes that are quick to end."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cloud_jobs.drivers import Drivers
from cloud_jobs.driving import Running
from cloud_jobs.errors import Refused
from cloud_jobs.job import JobId, Status

PATIENCE = 60.0


@pytest.fixture
def drivers(tmp_path: Path) -> Drivers:
    return Drivers(tmp_path / "jobs")


def python(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def until(drivers: Drivers, job_id: JobId, true: Callable[[Status], object]) -> Status:
    deadline = time.monotonic() + PATIENCE
    while not true(found := drivers.status(job_id)):
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    return found


def ended(drivers: Drivers, job_id: JobId) -> Status:
    return until(drivers, job_id, lambda found: found.ended)


def test_a_driver_that_ends_well_has_succeeded(drivers: Drivers) -> None:
    found = ended(drivers, drivers.start("a", python("print('hello')"), {}, forever=False))
    assert (found.state, found.exit_code) == ("succeeded", 0)
    assert "hello" in Path(str(found.logs)).read_text()


def test_a_driver_that_fails_tells_its_code_and_tradewinds_last_word(drivers: Drivers) -> None:
    text = "import sys; print('tradewind: the reason'); print('Java says more'); sys.exit(3)"
    found = ended(drivers, drivers.start("a", python(text), {}, forever=False))
    assert (found.state, found.exit_code, found.reason) == ("failed", 3, "the reason")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            'Exception in thread "main" java.io.IOException: Cannot run program "/no/python"\n\tat a.b(C.java:1)\n'
            "Caused by: java.io.IOException: error=2\n\t... 15 more\n",
            'java.io.IOException: Cannot run program "/no/python"',
        ),
        (
            "ERROR Backend: Application has been killed. Reason: All masters are unresponsive! Giving up.\n"
            "tradewind: Spark did not start: it is stopped\n",
            "Spark was ended: All masters are unresponsive! Giving up.",
        ),
        ("the last word\n\tat a.b(C.java:1)\n", "the last word"),
    ],
    ids=["Java's own fault", "no master", "a frame at the end"],
)
def test_of_what_java_says_the_cause_is_told_and_not_the_end_of_its_stack(
    drivers: Drivers, said: str, reason: str
) -> None:
    text = f"import sys; sys.stderr.write({said!r}); sys.exit(1)"
    assert ended(drivers, drivers.start("a", python(text), {}, forever=False)).reason == reason


def test_it_has_the_environment_it_is_given_and_nothing_of_this_python(
    drivers: Drivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYSPARK_PYTHON", "/mine")
    text = "import os; print(os.environ.get('PYSPARK_PYTHON'), os.environ.get('PYTHONPATH'), os.environ['SPARK_HOME'])"
    found = ended(drivers, drivers.start("a", python(text), {"SPARK_HOME": "/theirs"}, forever=False))
    assert Path(str(found.logs)).read_text().split() == ["None", "None", "/theirs"]


def test_a_driver_that_is_cancelled_is_asked_to_end(drivers: Drivers) -> None:
    job_id = drivers.start("a", python("import time; print('up', flush=True); time.sleep(600)"), {}, forever=False)
    until(drivers, job_id, lambda found: "up" in Path(str(found.logs)).read_text())
    drivers.cancel(job_id)
    assert ended(drivers, job_id).state == "cancelled"
    drivers.cancel(job_id)  # ending what has ended is no error


def test_a_driver_that_is_cancelled_while_it_starts_is_asked_to_end_too() -> None:
    stop = threading.Event()
    stop.set()  # between the look at it and the start
    assert Running(stop).run(python("import time; time.sleep(600)"), dict(os.environ)) == -signal.SIGTERM


def test_a_stream_runs_once_at_a_time_and_again_when_it_has_failed(drivers: Drivers, tmp_path: Path) -> None:
    text = f"import os, sys, time; n = len(os.listdir({str(tmp_path)!r})); open({str(tmp_path)!r} + f'/{{n}}', 'w')\n"
    job_id = drivers.start("a", python(f"{text}sys.exit(1) if n < 3 else time.sleep(600)"), {}, forever=True)
    with pytest.raises(Refused, match="a runs already"):
        drivers.start("a", python(""), {}, forever=True)
    drivers.start("b", python(""), {}, forever=True)  # another one may
    until(drivers, job_id, lambda _: len(list(tmp_path.iterdir())) == 4)
    drivers.cancel(job_id)
    assert ended(drivers, job_id).state == "cancelled"
    ended(drivers, drivers.start("a", python(""), {}, forever=True))


def test_a_stream_that_was_called_wrongly_is_not_tried_again(drivers: Drivers) -> None:
    found = ended(drivers, drivers.start("a", python("import sys; sys.exit(2)"), {}, forever=True))
    assert found.exit_code == 2


@pytest.mark.parametrize("name", ["a-nobody", "../jobs", "/etc"])
def test_a_job_that_was_not_started_here_is_refused(drivers: Drivers, name: str) -> None:
    with pytest.raises(Refused, match="was started here"):
        drivers.status(JobId(name))
