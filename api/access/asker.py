"""From where a request comes: its address, and whether a page of ours sent it."""

from __future__ import annotations

import ipaddress

from flask import request

from api.shared import shared

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def address() -> str | None:
    """The asker's address. Behind a declared proxy it is what that proxy put last into X-Forwarded-For: whatever stands
    before it the asker may have written."""
    told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    if shared().settings.api.tls and _is_address(told):
        return told
    return request.remote_addr


def needs_proof() -> bool:
    """Whether a cookie alone is not enough: something would change, or a socket be opened, which no browser keeps
    other sites from."""
    return request.method not in SAFE or request.headers.get("Upgrade", "").lower() == "websocket"


def of_our_pages() -> bool:
    """Whether the browser tells that a page of this origin asks, or one of `api.cors`. Programs tell neither."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if origin is not None and origin in shared().settings.api.cors:
        return True
    if site is not None:
        return site == "same-origin"
    return origin is not None and _is_own(origin)


def of_other_pages() -> bool:
    """Whether the browser tells that another site's page asks."""
    told = "Origin" in request.headers or request.headers.get("Sec-Fetch-Site", "none") != "none"
    return told and not of_our_pages()


def _is_own(origin: str) -> bool:
    api = shared().settings.api
    scheme = "https" if api.tls else request.scheme
    return origin in {f"{scheme}://{name}" for name in (request.host, *api.hosts)}


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
