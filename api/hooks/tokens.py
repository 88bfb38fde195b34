"""Tokens that a cloud sends along: signed by keys that it publishes, checked by PyJWT."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import jwt

from api.hooks.errors import Later, Refused
from api.hooks.fetching import Fetch

KEPT = 3600.0  # seconds that a key set is kept; a key that it does not hold is looked for sooner
LEEWAY = 30.0  # seconds that clocks may differ
NEEDED = ["exp", "iat", "iss", "aud"]


class _Keys(jwt.PyJWKClient):
    """PyJWT's own, that fetches as it is told to."""

    def __init__(self, url: str, fetch: Fetch) -> None:
        super().__init__(url, lifespan=KEPT)
        self._fetched = fetch

    def fetch_data(self) -> Any:
        try:
            return json.loads(self._fetched(self.uri))
        except (Refused, ValueError, RecursionError) as cause:
            raise Later(f"the keys at {self.uri} cannot be had: {cause}") from cause


class Tokens:
    """Of one issuer, under any of its names, for one audience."""

    def __init__(self, keys: str, issuers: Sequence[str], audience: str, fetch: Fetch) -> None:
        self._keys, self._issuers, self._audience = _Keys(keys, fetch), list(issuers), audience

    def claims(self, authorization: str | None) -> dict[str, Any]:
        """What the token of an `Authorization` header claims, once it is believed. Raises Refused and Later."""
        kind, _, token = (authorization or "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Refused("no token came with it")
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            if not isinstance(kid, str):
                raise Refused("its token does not say by which key it is signed")
            claims: dict[str, Any] = jwt.decode(
                token, self._keys.get_signing_key(kid), algorithms=["RS256"], audience=self._audience,
                issuer=self._issuers, leeway=LEEWAY, options={"require": NEEDED},
            )  # fmt: skip
        except jwt.PyJWKSetError as cause:
            raise Later(f"the keys cannot be read: {cause}") from cause
        except (jwt.PyJWTError, ValueError, RecursionError) as cause:
            raise Refused(f"its token is not believed: {cause}") from cause
        return claims
