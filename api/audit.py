"""The audit: who did what, and when."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Dict, List, Nested, String

from api.access.roles import operators_only
from api.asking import rows
from api.fields import count, time, word
from api.inputs import BIGGEST, Page, text
from api.pages import cut, key
from sinks.queries import query

audit = APIBlueprint("audit", __name__, url_prefix="/api/v1", tag="Access")


class AskedActions(Page):
    who = text(metadata={"description": "The name of a token, or account@machine for a command."})
    action = text(metadata={"description": "Such as `sign in`."})


class Action(Schema):
    """One action. `address` is null for a command on the machine itself, `run_id` where no run did it."""

    audit_id = count()
    at = time()
    who = word()
    address = word(allow_none=True)
    action = word()
    target = Dict(required=True)
    run_id = count(allow_none=True)


class Actions(Schema):
    """A page, and where the next one begins."""

    actions = List(Nested(Action), required=True)
    next = String(required=True, allow_none=True)


@audit.get("/audit")
@audit.input(AskedActions, location="query", arg_name="asked")
@audit.output(Actions)
@operators_only
def listing(asked: dict[str, Any]) -> dict[str, Any]:
    """Every action, newest first: sign-ins, tokens made and revoked, and what operators did."""
    (before,) = key("audit", asked.get("cursor"), int) or (BIGGEST,)
    wanted = {name: asked.get(name) for name in ("who", "action")}
    found = rows(query("api/audit", "listing"), **wanted, before=before, limit=asked["limit"] + 1)
    return cut("actions", "audit", found, asked["limit"], "audit_id")
