"""Signing in and out, for browsers: a token is given once, and a cookie stands for it from then on."""

from __future__ import annotations

from typing import Any

import structlog
from apiflask import APIBlueprint, Schema, abort
from apiflask.fields import String
from apiflask.validators import Length, OneOf
from flask import after_this_request, g

from api.access import asker, cookies
from api.access.roles import open_to_all
from api.shared import pool, shared
from sinks import audit, sessions, sign_ins
from sinks.sessions import Session

log = structlog.get_logger(__name__)
session = APIBlueprint("session", __name__, url_prefix="/api/v1", tag="Access")


class SignIn(Schema):
    token = String(
        required=True, validate=Length(1, 200), metadata={"description": "As `tradewind token create` showed it."}
    )


class Me(Schema):
    """Who asks, and what the role allows: a viewer sees everything, an operator acts."""

    name = String(required=True)
    role = String(required=True, validate=OneOf(["viewer", "operator"]))


@session.post("/session")
@session.input(SignIn)
@session.output(Me)
@session.doc(responses=[401, 403, 413, 429])
@open_to_all
def sign_in(json_data: dict[str, Any]) -> dict[str, str]:
    """Sign in: the answer sets a cookie that scripts cannot read and that other sites' pages cannot send."""
    if asker.of_other_pages():
        abort(403, "A page of another origin may not sign in here.", extra_data={"cure": "Name it in api.cors."})
    seconds, begun = _begun(json_data["token"].strip(), asker.address() or "unknown")
    if begun is None:
        log.warning("A sign-in failed", address=asker.address(), wait=seconds)
    if seconds is not None:
        abort(429, "Signing in has failed too often.", headers={"Retry-After": str(seconds)})
    if begun is None:
        abort(401, "No such token is in use.", headers={"WWW-Authenticate": "Bearer"})
    after_this_request(lambda answer: cookies.give(answer, begun))
    return {"name": begun.principal.name, "role": begun.principal.role}


@session.get("/session")
@session.output(Me)
def me() -> dict[str, str]:
    """Who asks."""
    return {"name": g.principal.name, "role": g.principal.role}


@session.delete("/session")
@session.output({}, status_code=204)
def sign_out() -> str:
    """End this session. A token stays as it is: `tradewind token revoke` ends one."""
    after_this_request(cookies.take)
    if secret := cookies.secret():
        with pool().cursor() as cursor:
            if sessions.end(cursor, secret):
                audit.record(cursor, g.principal, asker.address(), "sign out", {})
    return ""


def _begun(token: str, address: str) -> tuple[int | None, Session | None]:
    """The seconds to wait, or the session; neither for a wrong token, which counts as a failure."""
    with pool().cursor() as cursor:
        seconds = sign_ins.wait(cursor, address)
        if seconds is not None:
            return seconds, None
        begun = sessions.start(cursor, token, shared().settings.api.session)
        if begun is None:
            sign_ins.failed(cursor, address)
        else:
            audit.record(cursor, begun.principal, address, "sign in", {})
        return None, begun
