"""The addresses that clouds call."""

from __future__ import annotations

from typing import Any, TypeVar

import structlog
from apiflask import APIBlueprint, abort
from flask import Flask, Response, current_app, jsonify, request

from api import metrics
from api.access import asker
from api.access.roles import open_to_all
from api.hooks import event_grid, pubsub
from api.hooks.counts import Counts
from api.hooks.door import Door
from api.hooks.errors import Later, Refused, Unreadable
from api.problems import problem

log = structlog.get_logger(__name__)
hooks = APIBlueprint("hooks", __name__, url_prefix="/hooks", enable_openapi=False)

DONE = ("", 204)
RETRY_AFTER = 5  # seconds
Hook = TypeVar("Hook")


def init_app(app: Flask) -> None:
    """What they raise, as answers; what they count, for the metrics, which are there already."""
    metrics.of(app).registry.register(Counts(lambda: app.extensions["tradewind_hooks"]))
    app.register_error_handler(Refused, lambda cause: _refused(403, cause))
    app.register_error_handler(Unreadable, lambda cause: _refused(400, cause))
    app.register_error_handler(Later, _later)


def door() -> Door:
    """That of the app that answers."""
    found: Door = current_app.extensions["tradewind_hooks"]
    return found


@hooks.post("/aws-sns")
@open_to_all
def aws_sns() -> Any:
    """A message of SNS, or a subscription to be confirmed."""
    sns, body = _configured(door().sns, "aws-sns"), request.get_data()
    message = sns.verified(body)
    match message["Type"]:
        case "Notification":
            door().desks["aws-sns"].take(message["MessageId"][:200], body)
        case "SubscriptionConfirmation":
            sns.confirm(message)
            log.info("A subscription is confirmed", topic=message["TopicArn"])
        case _:
            log.warning("A subscription has ended: no more messages come by it", topic=message["TopicArn"])
    return DONE


@hooks.post("/azure-event-grid", provide_automatic_options=False)
@open_to_all
def azure_event_grid() -> Any:
    """Events in either schema, or the first call to a subscription."""
    grid, body = _configured(door().event_grid, "azure-event-grid"), request.get_data()
    grid.check_secret(request.args.get("secret"))
    grid.check_token(request.headers.get("Authorization"))
    if code := event_grid.validation(body):
        return jsonify(validationResponse=code)
    door().desks["azure-event-grid"].take(event_grid.message_id(body), body)
    return DONE


@hooks.route("/azure-event-grid", methods=["OPTIONS"], provide_automatic_options=False)
@open_to_all
def azure_handshake() -> Any:
    """The first call to a subscription with the schema of CloudEvents; it brings no token of Entra's."""
    grid = _configured(door().event_grid, "azure-event-grid")
    grid.check_secret(request.args.get("secret"))
    asked = request.headers.get("WebHook-Request-Origin"), request.headers.get("WebHook-Request-Rate")
    return "", 200, event_grid.allowed(*asked)


@hooks.post("/gcs-pubsub")
@open_to_all
def gcs_pubsub() -> Any:
    """A push of Pub/Sub."""
    pushes, body = _configured(door().pubsub, "gcs-pubsub"), request.get_data()
    pushes.check(request.headers.get("Authorization"))
    door().desks["gcs-pubsub"].take(pubsub.message_id(body), body)
    return DONE


def _configured(hook: Hook | None, name: str) -> Hook:
    if hook is None:
        abort(404, "This hook is not in use here.", extra_data={"cure": f"Its settings are in [hooks.{name}]."})
    return hook


def _refused(status: int, cause: Exception) -> Response:
    log.warning("A hook's message was refused", hook=request.path, address=asker.address(), cause=str(cause))
    door().refused[request.path] += 1
    return problem(status, f"The message was refused: {cause}.")


def _later(cause: Later) -> Response:
    return problem(503, f"The message was not taken: {cause}.", cure="Bring it again.", retry_after=RETRY_AFTER)
