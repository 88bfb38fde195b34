"""Actions handed to Airflow: a run of a DAG for each, by Airflow's own REST API (version 2, Airflow 3)."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPException
from typing import ClassVar

from api.pool import Pool
from sinks import asked_runs
from sinks.runs import RunId
from streaming.tables import Airflow

PATIENCE = 10.0  # seconds that Airflow has to take an action
ENOUGH = 1 << 20  # bytes of an answer


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to another host, and make a page of what was to be a run."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


@dataclass(frozen=True, slots=True)
class Handing:
    """Asks Airflow for a DAG run whose task is the command; `config` and `pool` are the API's."""

    config: Airflow
    pool: Pool
    host: ClassVar[str | None] = "airflow"

    def start(self, run_id: RunId, words: Sequence[str]) -> None:
        """Hand a queued run over; one that Airflow refuses or does not answer is left `failed` with the reason."""
        try:  # the token's file may be away, too
            with _OPENER.open(self._request(run_id, words), timeout=PATIENCE):
                return
        except urllib.error.HTTPError as refusal:
            reason = f"Airflow refused it with {refusal.code}: {_text_of(refusal)}"
        except (OSError, HTTPException, ValueError) as error:
            reason = f"Airflow could not be asked: {error}"
        with self.pool.cursor() as cursor:
            asked_runs.ended(cursor, run_id, [], None, reason)

    def state_of(self, run_id: RunId) -> str:
        """What Airflow says of the DAG run of a queued run: queued, running, success, failed, or `unknown` where it has
        none. Raises OSError, HTTPException and ValueError where it gives no answer."""
        try:
            with _OPENER.open(self._asking(f"/{_named(run_id)}"), timeout=PATIENCE) as answer:
                return str(json.loads(answer.read(ENOUGH))["state"])
        except urllib.error.HTTPError as refusal:
            if refusal.code == 404:
                return "unknown"
            raise
        except (KeyError, TypeError) as error:
            raise ValueError("its answer has no state") from error

    def _request(self, run_id: RunId, words: Sequence[str]) -> urllib.request.Request:
        body = {
            "dag_run_id": _named(run_id),
            "logical_date": None,
            "conf": {"run_id": run_id, "command": [*words]},
        }
        return self._asking("", json.dumps(body).encode())

    def _asking(self, below: str, body: bytes | None = None) -> urllib.request.Request:
        token = self.config.token_file.read_text().strip()
        return urllib.request.Request(
            f"{self.config.url.rstrip('/')}/api/v2/dags/{self.config.dag}/dagRuns{below}",
            body,
            {"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
        )


def _named(run_id: RunId) -> str:
    return f"tradewind-{run_id}"


def _text_of(refusal: urllib.error.HTTPError) -> str:
    return refusal.read(500).decode("utf-8", "replace").replace("\0", "")
