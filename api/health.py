"""Whether this process lives, and whether it can answer."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import String
from flask import Response

from api.access.roles import open_to_all
from api.asking import limited, rows
from api.problems import problem
from sinks import migrate
from sinks.queries import query

health = APIBlueprint("health", __name__, tag="Health")


class Health(Schema):
    status = String(required=True)


@health.get("/healthz")
@health.output(Health)
@open_to_all
def healthz() -> dict[str, Any]:
    """This process answers."""
    return {"status": "ok"}


@health.get("/readyz")
@health.output(Health)
@open_to_all
def readyz() -> Response | dict[str, Any]:
    """The database is reached, its schema is this program's, and no expected run is missing.

    Expected is the stream of each feed that is not paused and whose last stream did not end in order.
    """
    with limited() as cursor:  # one of the pool's: anybody may ask this, and as often as he likes
        schema = migrate.version(cursor)
    if schema != migrate.head():
        return problem(503, "The database's schema is not this program's.", cure="Run `tradewind db migrate`.")
    if missing := rows(query("api/runs", "missing")):
        cure = "Start `tradewind stream`, or pause the feed; `/api/v1/runs?kind=stream` tells which."
        return problem(503, f"The stream of {len(missing)} feed(s) is gone or failed.", cure=cure)
    return {"status": "ready"}
