"""Names by which the API may be asked: a foreign name that leads to this machine (DNS rebinding) gets no answer."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from apiflask import abort
from flask import Flask, request

from api.shared import shared

PROBES = ("/healthz", "/readyz")  # asked by address, and they tell nothing


def init_app(app: Flask) -> None:
    app.before_request(_check)


def is_known(host: str) -> bool:
    """Whether this Host header, with or without a port, is one of ours. Behind a proxy any is, unless `api.hosts`
    names them."""
    api = shared().settings.api
    if api.tls and not api.hosts:
        return True
    name = _name(host)
    return name is not None and (name in api.hosts or is_loopback(name))


def is_loopback(name: str) -> bool:
    """Whether only this machine has this name."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _check() -> None:
    if request.path not in PROBES and not is_known(request.host):
        abort(421, "This API is not asked by that name.")


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
