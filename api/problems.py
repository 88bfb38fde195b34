"""Errors as application/problem+json (RFC 9457): what is wrong, which field, and the cure."""

from __future__ import annotations

from typing import Any

from apiflask import APIFlask, HTTPError
from flask import Response, jsonify

from api.pool import Busy
from sinks import errors

_CURES = {
    400: "See /api/docs for what this address takes.",
    401: "Send `Authorization: Bearer TOKEN`, or sign in; `tradewind token create` makes a token.",
    403: "Ask with a token of the role operator.",
    404: "See /api/docs for the addresses there are, and ask the listing above for the names there are.",
    409: "Look at it again: what it is now does not allow that.",
    415: "Send JSON, with `Content-Type: application/json`.",
    405: "See /api/docs for the methods of this address.",
    413: "Send less.",
    421: "Ask by the address that `tradewind serve` names, or put the name into api.hosts.",
    422: "Correct the fields that are named; see /api/docs.",
    429: "Wait as long as Retry-After says.",
    503: "Try again in a moment; if it stays so, `tradewind doctor` on the server's machine tells more.",
}


def init_app(app: APIFlask) -> None:
    """Every error of the program leaves as a problem; none shows an inner message but those meant for operators."""
    app.error_processor(_of_http)
    app.register_error_handler(Busy, lambda error: problem(503, str(error), retry_after=1))
    app.register_error_handler(errors.TookTooLong, _too_long)
    app.register_error_handler(errors.SinkError, _of_database)


def problem(
    status: int, detail: str, *, cure: str | None = None, fields: Any = None, retry_after: int | None = None
) -> Response:
    """A problem as an answer. `fields` names what is wrong by place and field."""
    body = {"type": "about:blank", "title": _title(status), "status": status, "detail": detail}
    body |= {k: v for k, v in {"cure": cure or _CURES.get(status), "fields": fields}.items() if v}
    answer = jsonify(body)
    answer.status_code, answer.mimetype = status, "application/problem+json"
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    return answer


def _of_http(error: HTTPError) -> Response:
    cure = (error.extra_data or {}).get("cure")
    answer = problem(
        error.status_code, error.message or _title(error.status_code), cure=cure, fields=error.detail or None
    )
    answer.headers.extend(error.headers or {})
    return answer


def _of_database(error: errors.SinkError) -> Response:
    # The message's first sentence is ours; the driver's words behind it may tell of hosts and users.
    return problem(503, (type(error).__doc__ or "").strip(), retry_after=2)


def _too_long(_: errors.TookTooLong) -> Response:
    cure = "Ask for less: fewer days, one feed, a symbol; or take the whole as a CSV or Arrow stream."
    return problem(503, "The database needed too long for this question, and gave it up.", cure=cure, retry_after=10)


def _title(status: int) -> str:
    from http import HTTPStatus

    return HTTPStatus(status).phrase
