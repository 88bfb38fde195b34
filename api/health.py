"""Whether this process lives, and whether it can answer."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, jsonify

from api.access.roles import open_to_all
from api.problems import problem
from api.shared import shared
from sinks import migrate

health = APIBlueprint("health", __name__, enable_openapi=False)


@health.get("/healthz")
@open_to_all
def healthz() -> Response:
    """This process answers."""
    return jsonify(status="ok")


@health.get("/readyz")
@open_to_all
def readyz() -> Response:
    """The database is reached and its schema is this program's."""
    if migrate.current(shared().dsn) != migrate.head():
        return problem(503, "The database's schema is not this program's.", cure="Run `tradewind db migrate`.")
    return jsonify(status="ready")
