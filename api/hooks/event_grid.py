"""Event Grid's calls: a secret in the address, a token of Entra's, or both.

https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema and
https://learn.microsoft.com/azure/event-grid/end-point-validation-cloud-events-schema
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog

from api.hooks.errors import Later, Refused, Unreadable
from api.hooks.fetching import Fetch
from api.hooks.tokens import Tokens
from streaming.errors import SettingsError
from streaming.hook_settings import Entra, EventGridHook

log = structlog.get_logger()

SECRETS = "TRADEWIND_EVENT_GRID_SECRETS"  # in the environment: one or two, with a blank between them
SHORTEST = 16  # characters of a secret

_ORIGIN = re.compile(r"eventgrid\.azure\.(net|us|cn)")
_VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent"
_LOGIN = "https://login.microsoftonline.com"


class EventGrid:
    """Verifies calls. Raises SettingsError where there is nothing to know Event Grid by."""

    def __init__(self, hook: EventGridHook, fetch: Fetch, environ: Mapping[str, str]) -> None:
        self._files, self._environ = hook.secret_files, environ
        self._entra, self._tokens = hook.entra, _tokens(hook.entra, fetch)
        self._by_secret = bool(hook.secret_files or environ.get(SECRETS))
        if not (self._by_secret or hook.entra):
            raise SettingsError(
                f"hooks.azure-event-grid needs secret_files, {SECRETS} in the environment, or a table entra: without "
                "one of them anybody could call"
            )
        try:
            self._secrets()
        except Later as cause:
            # To whoever starts the program the file is named; a caller is never told of it.
            told = f"{cause}: {cause.__cause__}" if cause.__cause__ else str(cause)
            raise SettingsError(f"hooks.azure-event-grid: {told}") from None

    def check_secret(self, given: str | None) -> None:
        """Raises Refused and Later."""
        if not self._by_secret:
            return
        told = (given or "").encode()
        # Each is compared, so that time tells nothing of which it was.
        same = [hmac.compare_digest(told, secret) for secret in self._secrets()]
        if not any(same):
            raise Refused("the secret in the address is not one of ours")

    def check_token(self, authorization: str | None) -> None:
        """Raises Refused and Later."""
        if self._tokens is None or self._entra is None:
            return
        claims = self._tokens.claims(authorization)
        if claims.get("tid") != self._entra.tenant:
            raise Refused("its token is of another tenant")
        if (claims.get("azp") or claims.get("appid")) != self._entra.app:
            raise Refused("its token is not Event Grid's")

    def _secrets(self) -> list[bytes]:
        """Read anew each time: one that was replaced counts at once, without a restart."""
        found = [_content(path) for path in self._files] + self._environ.get(SECRETS, "").split()
        if short := [secret for secret in found if len(secret) < SHORTEST]:
            raise Later(f"{len(short)} of the secrets have fewer than {SHORTEST} characters")
        return [secret.encode() for secret in found]


def validation(body: bytes) -> str | None:
    """The code to be given back to Event Grid's first call to a subscription of its own schema; None for events.

    Raises Unreadable for what is no JSON.
    """
    match _read(body):
        case [{"eventType": str(kind), "data": {"validationCode": str(code)}}] if kind == _VALIDATION:
            return code
    return None


def message_id(body: bytes) -> str:
    """The first event's."""
    match _read(body):
        case [{"id": str(told)}, *_] | {"id": str(told)}:
            return told[:200]
    return ""


def allowed(origin: str | None, rate: str | None) -> dict[str, str]:
    """The headers that answer the handshake of CloudEvents. Raises Refused for another origin than Event Grid's."""
    if not _ORIGIN.fullmatch(origin or ""):
        raise Refused("WebHook-Request-Origin is not Event Grid's")
    asked = rate if rate and re.fullmatch(r"[1-9]\d{0,8}", rate) else "*"
    return {"WebHook-Allowed-Origin": str(origin), "WebHook-Allowed-Rate": asked}


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("it is not JSON") from None


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        log.error("The secret of a hook cannot be read", file=str(path), reason=str(error))
        raise Later("a secret of ours cannot be read") from error


def _tokens(entra: Entra | None, fetch: Fetch) -> Tokens | None:
    if entra is None:
        return None
    issuers = [f"{_LOGIN}/{entra.tenant}/v2.0", f"https://sts.windows.net/{entra.tenant}/"]
    return Tokens(f"{_LOGIN}/{entra.tenant}/discovery/v2.0/keys", issuers, entra.audience, fetch)
