"""Bodies are read here, as far as they may go; whatever has none is not waited for."""

from __future__ import annotations

from flask import Flask, request


def init_app(app: Flask) -> None:
    """After the roles: nobody unknown has us read anything."""
    app.before_request(_read)


def _read() -> None:
    # Past MAX_CONTENT_LENGTH this is a 413, whether the length was told or the body came in chunks.
    if request.content_length or request.headers.get("Transfer-Encoding"):
        request.get_data(cache=True)
