"""The OpenAPI document, complete with every refusal, and a page to read it on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apiflask import APIBlueprint, APIFlask
from flask import Response, current_app, render_template

from api.access import cookies
from api.access.roles import OPEN, open_to_all, role_of
from api.hooks import document as hooks

docs = APIBlueprint("docs", __name__, enable_openapi=False)
_PROBLEM = "application/problem+json"
_TOKEN = {"type": "http", "scheme": "bearer", "description": "`tradewind token create` makes one."}
_SESSION = {"type": "apiKey", "in": "cookie", "description": "Set by signing in."}
PROBLEM = {
    "type": "object",
    "description": "What is wrong, and the cure (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "cure": {"type": "string"},
        "fields": {"type": "object", "description": "What is wrong, by place and field."},
    },
}
#: What any address may answer besides what it is for.
REFUSALS = {
    401: "No valid token or session came with the request.",
    403: "The role does not allow this.",
    404: "There is no such thing, or no page begins at this cursor.",
    405: "The address has no such method.",
    421: "The API is not asked by this name; see api.hosts.",
    422: "A field is wrong; `fields` names it.",
    429: "Too many tries, or too many downloads or actions at once; Retry-After tells when.",
    503: "The database is away or needed too long, or every connection is in use; Retry-After tells when.",
}
REFUSALS_OF_BODIES = {
    400: "The body cannot be read.",
    409: "It cannot be done now; `detail` tells why.",
    413: "The body is too large.",
    415: "The body is of another kind than this address takes.",
}


def init_app(app: APIFlask) -> None:
    """Give the document what apiflask cannot know: roles, and every refusal as a problem."""
    app.config.update(AUTO_OPERATION_ID=True, AUTO_404_RESPONSE=False, AUTO_VALIDATION_ERROR_RESPONSE=False)
    tls = app.extensions["tradewind"].settings.api.tls
    app.config.update(SECURITY_SCHEMES={"token": _TOKEN, "session": _SESSION | {"name": cookies.name(tls)}})
    app.spec_processor(_completed)


@docs.get("/api/docs")
def page() -> str:
    """The document for people."""
    spec = current_app.spec  # type: ignore[attr-defined]
    return render_template("docs.html", spec=spec, groups=_groups(spec), shapes=spec["components"]["schemas"])


@docs.get("/api/docs.css")
@open_to_all
def style() -> Response:
    """A file that is the same for everybody."""
    text = (Path(current_app.root_path) / "static" / "docs.css").read_text(encoding="utf-8")
    return Response(text, mimetype="text/css", headers={"Cache-Control": "max-age=3600"})


def operations(spec: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of each."""
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield method, path, operation


def _completed(spec: Any) -> Any:
    endpoints = {name.replace(".", "_"): name for name in current_app.view_functions}
    for method, _, operation in operations(spec):
        role = role_of(current_app, endpoints[operation["operationId"].partition("_")[2]])
        operation["x-role"] = role
        operation["security"] = [] if role == OPEN else [{"token": []}, {"session": []}]
        _close_body(operation, spec)
        _number_paths(operation)
        _add_refusals(operation, REFUSALS | (REFUSALS_OF_BODIES if method != "get" else {}))
    _add_hooks(spec)
    spec["tags"] = [{"name": name} for name in dict.fromkeys(tag["name"] for tag in spec.get("tags", []))]
    spec["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    return spec


def _add_hooks(spec: dict[str, Any]) -> None:
    """They verify for themselves who calls, by signatures, tokens and secrets of the clouds."""
    found = hooks.paths()
    for _, _, operation in operations({"paths": found}):
        operation |= {"x-role": OPEN, "security": []}
        _add_refusals(operation, REFUSALS | REFUSALS_OF_BODIES)
    spec["paths"] |= found
    spec.setdefault("tags", []).append({"name": hooks.TAG})


def _number_paths(operation: dict[str, Any]) -> None:
    """apiflask takes a number with bounds for a text."""
    for given in operation.get("parameters", []):
        if given["in"] == "path" and given["name"].endswith("_id"):
            given["schema"] = {"type": "integer", "minimum": 0}


def _add_refusals(operation: dict[str, Any], told: dict[int, str]) -> None:
    answers, is_open = operation["responses"], operation["x-role"] == OPEN
    for status in {str(known) for known in told} | {own for own in answers if own >= "400"}:
        # Whoever is asked for no token meets these two only where the address itself says so.
        if status in answers or not (is_open and status in ("401", "403")):
            answers[status] = _refusal(told.get(int(status)) or answers[status]["description"])


def _close_body(operation: dict[str, Any], spec: dict[str, Any]) -> None:
    """A body must come where a field of it must, and takes no other fields than it names."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        shape = spec["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
        shape["additionalProperties"] = False
        operation["requestBody"]["required"] = bool(shape.get("required"))


def _refusal(description: str) -> dict[str, Any]:
    return {"description": description, "content": {_PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _groups(spec: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for method, path, operation in operations(spec):
        told = operation | {"method": method.upper(), "path": path, "answers": _answers(operation)}
        found.setdefault((operation.get("tags") or ["Other"])[0], []).append(told)
    return found


def _answers(operation: dict[str, Any]) -> list[tuple[str, str, str, dict[str, Any]]]:
    """(status, description, kind of content, schema) of what it answers when nothing is wrong."""
    return [
        (status, answer.get("description", ""), kind, content.get("schema", {}))
        for status, answer in operation["responses"].items()
        if status < "400"
        for kind, content in (answer.get("content") or {"": {}}).items()
    ]
