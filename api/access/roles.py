"""The role that an address asks for: `viewer` unless it is marked, checked before every request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from apiflask import abort
from flask import Flask, current_app, g, request

from api.shared import pool
from sinks import tokens
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
    if principal is None:
        abort(401, "No valid token or session came with the request.", headers={"WWW-Authenticate": "Bearer"})
    if not principal.may(needed):
        abort(403, f"The token {principal.name!r} has the role {principal.role}; this needs {needed}.")
    g.principal = principal


def authenticated() -> Principal | None:
    """Who asks, by the bearer token of the request."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        return None
    with pool().cursor() as cursor:
        return tokens.principal(cursor, token.strip())
