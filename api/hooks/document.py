"""The hooks in the OpenAPI document. Their bodies are the clouds' own, so that no schema of ours reads them."""

from __future__ import annotations

from typing import Any

TAG = "Hooks"
_TAKEN = {"description": "The message is in the journal, or was nothing for a feed of ours."}
_ANSWERS = {
    "204": _TAKEN,
    "400": {"description": "The message cannot be read."},
    "403": {"description": "The message was refused: whom it is from could not be proved."},
    "404": {"description": "This hook is not in use here; its settings are in [hooks.NAME]."},
}
_SECRET = {
    "name": "secret", "in": "query", "schema": {"type": "string"}, "required": False,
    "description": "Of [hooks.azure-event-grid], where it has one.",
}  # fmt: skip


def paths() -> dict[str, Any]:
    """By path and method, as OpenAPI writes them; refusals that any address may answer are added to all alike."""
    grid = {"200": {"description": "The first call to a subscription, answered with its code."}}
    allowed = {"200": {"description": "Events may come."}}
    return {
        "/hooks/aws-sns": {"post": _operation("aws_sns", "A message of SNS, or a subscription to be confirmed.")},
        "/hooks/azure-event-grid": {
            "post": _operation("azure_event_grid", "Events in either schema.", grid) | {"parameters": [_SECRET]},
            "options": _operation("azure_handshake", "The first call by the schema of CloudEvents.", allowed, "options")
            | {"parameters": [_SECRET]},
        },
        "/hooks/gcs-pubsub": {"post": _operation("gcs_pubsub", "A push of Pub/Sub.")},
    }


def _operation(view: str, summary: str, more: dict[str, Any] | None = None, method: str = "post") -> dict[str, Any]:
    answers = {status: dict(answer) for status, answer in (_ANSWERS | (more or {})).items()}
    if method == "options":
        return _named(view, summary, method) | {"responses": {k: v for k, v in answers.items() if k != "204"}}
    body = {"required": True, "content": {"application/json": {"schema": {"description": "As the cloud sends it."}}}}
    return _named(view, summary, method) | {"requestBody": body, "responses": answers}


def _named(view: str, summary: str, method: str) -> dict[str, Any]:
    return {"operationId": f"{method}_hooks_{view}", "summary": summary, "tags": [TAG]}
