"""Security headers, on every answer that leaves the process, whoever gave it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from streaming.settings import Settings

#: For what is data: nothing may be loaded or run by it, nowhere may it be framed.
DATA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
DAYS = 365  # that a browser remembers to come by TLS alone


def page_policy(nonce: str | None = None) -> str:
    """The Content-Security-Policy of a page: its own origin's files, and nothing inline.

    A page whose framework writes styles (Angular Material does) has them allowed by a `nonce` made for this one
    answer, which stands in the page too (`ngCspNonce`); whoever serves the page sets this header itself then.
    """
    styles = f"'self' 'nonce-{nonce}'" if nonce else "'self'"
    return (
        f"default-src 'none'; script-src 'self'; style-src {styles}; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


class Headers:
    """WSGI around all else: what an answer does not say itself is said here."""

    def __init__(self, app: Any, settings: Settings) -> None:
        self._app, self._tls = app, settings.api.tls

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            said = {name.lower(): value for name, value in headers}
            wanted = _wanted(said.get("content-type", ""), self._tls)
            added = [(name, value) for name, value in wanted.items() if name.lower() not in said]
            return start_response(status, [*headers, *added], *more)

        answer: Iterable[bytes] = self._app(environ, start)
        return answer


def _wanted(kind: str, tls: bool) -> dict[str, str]:
    wanted = {
        "Content-Security-Policy": page_policy() if kind.startswith("text/html") else DATA_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
    }
    return wanted | ({"Strict-Transport-Security": f"max-age={DAYS * 86_400}"} if tls else {})
