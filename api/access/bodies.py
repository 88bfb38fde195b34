"""Bodies are read here, as far as they may go; whatever has none is not waited for."""

from __future__ import annotations

from apiflask import abort
from flask import Flask, current_app, request


def init_app(app: Flask) -> None:
    """After the roles: nobody unknown has us read anything."""
    app.before_request(_read)


def _read() -> None:
    limit: int = current_app.config["MAX_CONTENT_LENGTH"]
    told = request.content_length or 0
    if told or request.headers.get("Transfer-Encoding"):
        # Of a body in chunks werkzeug drops what is over the limit without a word, so that only one byte more shows it.
        request.max_content_length = limit + 1
        if told > limit or len(request.get_data(cache=True)) > limit:
            abort(413, f"The body has more than {limit:,} bytes.")
