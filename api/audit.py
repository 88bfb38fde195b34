"""The audit: who did what, and when."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import AwareDateTime, Dict, Integer, List, Nested, String
from apiflask.validators import Length, Range
from marshmallow import RAISE

from api.access.roles import operators_only
from api.shared import pool
from sinks.queries import query

audit = APIBlueprint("audit", __name__, url_prefix="/api/v1", tag="Access")

LARGEST_ID = 2**63 - 1


class Asked(Schema):
    """Which rows, and how many: `before` is the `next` of the page above."""

    class Meta:
        unknown = RAISE

    before = Integer(validate=Range(1, LARGEST_ID))
    limit = Integer(load_default=100, validate=Range(1, 1000))
    who = String(validate=Length(1, 200))
    action = String(validate=Length(1, 200))


class Action(Schema):
    """One action; `at` in UTC, `address` None for a command on the machine itself."""

    audit_id = Integer(required=True)
    at = AwareDateTime(required=True)
    who = String(required=True)
    address = String(required=True, allow_none=True)
    action = String(required=True)
    target = Dict(required=True)
    run_id = Integer(required=True, allow_none=True)


class Actions(Schema):
    actions = List(Nested(Action), required=True)
    next = Integer(required=True, allow_none=True)


@audit.get("/audit")
@audit.input(Asked, location="query")
@audit.output(Actions)
@audit.doc(responses=[401, 403])
@operators_only
def listing(query_data: dict[str, Any]) -> dict[str, Any]:
    """Every action, the newest first: sign-ins, tokens made and revoked, and what operators did."""
    asked = {"before": None, "who": None, "action": None, **query_data}
    rows = pool().rows(query("api/audit", "listing"), **asked)
    more = len(rows) == asked["limit"]
    return {"actions": rows, "next": rows[-1]["audit_id"] if more else None}
