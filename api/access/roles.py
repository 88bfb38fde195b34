"""The role that an address asks for: `viewer` unless it is marked, checked before every request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from apiflask import abort
from flask import Flask, current_app, g, request

from api.access import asker, cookies
from api.asking import limited
from sinks import sessions, tokens
from sinks.tokens import Principal

View = TypeVar("View", bound=Callable[..., Any])
_ROLE = "_tradewind_role"
OPEN = "open"  # asks for nothing: static files, sign-in, health, and hooks, which verify for themselves


def operators_only(view: View) -> View:
    """Mark a view that changes something."""
    setattr(view, _ROLE, "operator")
    return view


def open_to_all(view: View) -> View:
    """Mark a view that needs no token."""
    setattr(view, _ROLE, OPEN)
    return view


def role_of(app: Flask, endpoint: str | None) -> str:
    """What an endpoint asks for."""
    view = app.view_functions.get(endpoint or "")
    return str(getattr(getattr(view, "view_class", view), _ROLE, "viewer"))


def init_app(app: Flask) -> None:
    app.before_request(_check)


def _check() -> None:
    needed = role_of(current_app, request.endpoint)
    if needed == OPEN:
        return
    principal = authenticated()
    if principal is None and _is_forged():
        cure = "Act from the dashboard's own pages, or send a token; a page of another origin has to be in api.cors."
        abort(403, "The session's cookie came, but not from a page of ours.", extra_data={"cure": cure})
    if principal is None:
        abort(401, "No valid token or session came with the request.", headers={"WWW-Authenticate": "Bearer"})
    if not principal.may(needed):
        abort(403, f"The token {principal.name!r} has the role {principal.role}; this needs {needed}.")
    g.principal = principal


def authenticated() -> Principal | None:
    """Who asks: by the bearer token of the request, else by the session's cookie, for a socket's handshake too.

    What changes something, and a socket, a cookie opens to our own pages alone. A token that came is the only thing
    that counts: a wrong one is not made up for by a cookie.
    """
    if "Authorization" in request.headers:
        kind, _, token = request.headers["Authorization"].partition(" ")
        return of_token(token) if kind.lower() == "bearer" else None
    secret = cookies.secret()
    if not secret or _is_forged():
        return None
    with limited() as cursor:
        return sessions.principal(cursor, secret)


def of_token(token: str) -> Principal | None:
    """Whose token this is."""
    if not token.strip():
        return None
    with limited() as cursor:
        return tokens.principal(cursor, token.strip())


def _is_forged() -> bool:
    """Whether a cookie came with what another site's page may have sent."""
    return "Authorization" not in request.headers and bool(cookies.secret()) and not _is_proven()


def _is_proven() -> bool:
    return not asker.needs_proof() or asker.of_our_pages()
