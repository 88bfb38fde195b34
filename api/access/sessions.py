"""Signing in and out, for browsers: a token is given once, and a cookie stands for it from then on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from apiflask import APIBlueprint, Schema, abort
from apiflask.fields import List, String
from apiflask.validators import Length, OneOf
from flask import after_this_request, g, request

from api.access import asker, cookies
from api.access.roles import authenticated, open_to_all
from api.asking import limited
from api.shared import shared
from sinks import audit, links, sessions, sign_ins, tokens
from sinks.links import Refused
from sinks.sessions import Session
from sinks.tokens import Principal

log = structlog.get_logger(__name__)
_WAY = {"WWW-Authenticate": "Bearer"}
_ANOTHER = "Make another one on the server: tradewind token link NAME."
_COMMAND = (
    "The first words of a command line for what is served here: tradewind, and its configuration if that was named."
)
session = APIBlueprint("session", __name__, url_prefix="/api/v1", tag="Access")


class SignIn(Schema):
    token = String(
        required=True, validate=Length(1, 200), metadata={"description": "As `tradewind token create` showed it."}
    )


class Me(Schema):
    """Who asks, and what the role allows: a viewer sees everything, an operator acts."""

    name = String(required=True)
    role = String(required=True, validate=OneOf(["viewer", "operator"]))
    command = List(String(), required=True, metadata={"description": _COMMAND})


class Link(Schema):
    secret = String(required=True, validate=Length(1, 200), metadata={"description": "What stands behind `#link=`."})


class Somebody(Schema):
    """Who asks; null where nobody is signed in."""

    name = String(required=True, allow_none=True)
    role = String(required=True, allow_none=True, validate=OneOf(["viewer", "operator"]))
    command = List(String(), required=True, allow_none=True, metadata={"description": _COMMAND})


@session.post("/session")
@session.input(SignIn)
@session.output(Me)
@session.doc(responses=[401, 403, 413, 429])
@open_to_all
def sign_in(json_data: dict[str, Any]) -> dict[str, Any]:
    """Sign in: the answer sets a cookie that scripts cannot read and that other sites' pages cannot send."""
    begun = _begun(lambda cursor: tokens.principal(cursor, json_data["token"].strip()) or "unknown", {})
    if isinstance(begun, str):
        abort(401, "No such token is in use.", headers=_WAY)
    return _signed_in(begun)


@session.post("/session/link")
@session.input(Link)
@session.output(Me)
@session.doc(responses=[401, 403, 410, 413, 429])
@open_to_all
def follow(json_data: dict[str, Any]) -> dict[str, Any]:
    """Sign in by a link of `tradewind serve --link` or `tradewind token link`, which is good for one time."""
    begun = _begun(lambda cursor: links.use(cursor, json_data["secret"]), {"by": "link"})
    if begun == "unknown":
        abort(401, "There is no such link.", headers=_WAY, extra_data={"cure": _ANOTHER})
    if isinstance(begun, str):
        detail = "This link was used already: it signs in once." if begun == "used" else "This link's time is over."
        abort(410, detail, extra_data={"cure": _ANOTHER})
    return _signed_in(begun)


@session.get("/session")
@session.output(Somebody)
@session.doc(responses=[401])
@open_to_all
def me() -> dict[str, Any]:
    """Who asks; a page may ask it before anybody is signed in. A wrong token is answered with 401 here too."""
    who = authenticated()
    if who is None and "Authorization" in request.headers:
        abort(401, "No such token is in use.", headers=_WAY)
    return _told(who) if who else {"name": None, "role": None, "command": None}


@session.delete("/session")
@session.output({}, status_code=204)
def sign_out() -> str:
    """End this session. A token stays as it is: `tradewind token revoke` ends one."""
    after_this_request(cookies.take)
    if secret := cookies.secret():
        with limited() as cursor:
            if sessions.end(cursor, secret):
                audit.record(cursor, g.principal, asker.address(), "sign out", {})
    return ""


def _begun(known: Callable[[Any], Principal | Refused], target: dict[str, str]) -> Session | Refused:
    """A session of who is `known`, or why there is none, which counts as a failure."""
    if asker.of_other_pages():
        abort(403, "A page of another origin may not sign in here.", extra_data={"cure": "Name it in api.cors."})
    seconds, begun = _tried(known, target, asker.address() or "unknown")
    if seconds is not None or isinstance(begun, str):
        log.warning("A sign-in failed", address=asker.address(), wait=seconds)
    if seconds is not None:
        abort(429, "Signing in has failed too often.", headers={"Retry-After": str(seconds)})
    return begun


def _tried(
    known: Callable[[Any], Principal | Refused], target: dict[str, str], address: str
) -> tuple[int | None, Session | Refused]:
    """The seconds to wait, if any; while somebody has to wait nothing is looked at."""
    with limited() as cursor:
        if (seconds := sign_ins.wait(cursor, address)) is not None:
            return seconds, "unknown"
        who = known(cursor)
        begun = sessions.begin(cursor, who, shared().settings.api.session) if isinstance(who, Principal) else who
        if begun is None or isinstance(begun, str):
            sign_ins.failed(cursor, address)
            return None, begun or "over"
        audit.record(cursor, begun.principal, address, "sign in", target)
        return None, begun


def _signed_in(begun: Session) -> dict[str, Any]:
    after_this_request(lambda answer: cookies.give(answer, begun))
    return _told(begun.principal)


def _told(who: Principal) -> dict[str, Any]:
    return {"name": who.name, "role": who.role, "command": list(shared().command)}
