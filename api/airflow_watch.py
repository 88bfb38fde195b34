"""Runs that Airflow took and never began: their task was not reached, or its worker could not start the program."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPException

import structlog

from api.airflow import Handing
from api.pool import Busy
from sinks import asked_runs
from sinks.errors import SinkError
from sinks.runs import RunId

log = structlog.get_logger()

EVERY = 30.0  # seconds between looks
ENDED = {
    "failed": "Airflow's DAG run tradewind-{} failed before it began; its log there says why",
    "success": "Airflow's DAG run tradewind-{} ended without it; does the DAG run `tradewind`?",
    "unknown": "Airflow has no DAG run tradewind-{} any more",
}


@dataclass(slots=True)
class AirflowWatch:
    """Asks Airflow about runs that are queued there, when this API is asked for anything: at most every 30 seconds."""

    handing: Handing
    next: float = 0.0
    looking: threading.Lock = field(default_factory=threading.Lock)

    def glance(self) -> None:
        """Look, in a thread of its own, if it is time: nobody who asks has to wait for Airflow."""
        if time.monotonic() >= self.next and self.looking.acquire(blocking=False):
            self.next = time.monotonic() + EVERY
            threading.Thread(target=self._glance, name="airflow", daemon=True).start()

    def _glance(self) -> None:
        try:
            self.look()
        except (SinkError, Busy, OSError, HTTPException, ValueError) as error:
            log.warning("Airflow's runs could not be looked at", reason=str(error))
        finally:
            self.looking.release()

    def look(self) -> None:
        """End those whose DAG run is over, and that have still not begun."""
        with self.handing.pool.cursor() as cursor:
            waiting = asked_runs.handed(cursor)
        for run_id in waiting:
            if reason := ENDED.get(self.handing.state_of(run_id)):
                self._end(run_id, reason.format(run_id))

    def _end(self, run_id: RunId, reason: str) -> None:
        with self.handing.pool.cursor() as cursor:
            asked_runs.never_began(cursor, run_id, reason)
