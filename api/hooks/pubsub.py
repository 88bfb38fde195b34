"""Pushes of Pub/Sub: a token of Google's for one audience, signed for one service account.

https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions
"""

from __future__ import annotations

import json

from api.hooks.errors import Refused, Unreadable
from api.hooks.fetching import Fetch
from api.hooks.tokens import Tokens
from streaming.hook_settings import PubSubHook

KEYS = "https://www.googleapis.com/oauth2/v3/certs"
ISSUERS = ("https://accounts.google.com", "accounts.google.com")


class PubSub:
    """Verifies pushes."""

    def __init__(self, hook: PubSubHook, fetch: Fetch) -> None:
        self._email, self._tokens = hook.email, Tokens(KEYS, ISSUERS, hook.audience, fetch)

    def check(self, authorization: str | None) -> None:
        """Raises Refused and Later."""
        claims = self._tokens.claims(authorization)
        if claims.get("email") != self._email or claims.get("email_verified") is not True:
            raise Refused("its token is not of the service account in hooks.gcs-pubsub.email")


def message_id(body: bytes) -> str:
    """Raises Unreadable for what is no push; payloads have to be wrapped."""
    try:
        push = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("it is not JSON") from None
    match push:
        case {"message": {"messageId": str(told)}} | {"message": {"message_id": str(told)}}:
            return told[:200]
    raise Unreadable("it is no push of Pub/Sub with its payload wrapped")
