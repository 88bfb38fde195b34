"""From whose pages a browser may open a socket: its cookie would come along, wherever the page is from."""

from __future__ import annotations

from typing import Any

from flask import Flask, request

from api.access import asker, hosts


class Origins:
    """Our own, and those of api.cors, under a name of ours. Programs send none, and are asked for a token as ever."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __call__(self, _origin: str | None, environ: dict[str, Any]) -> bool:
        with self._app.request_context(environ):
            return hosts.is_known(request.host) and asker.of_our_pages()
