"""The built dashboard, served by the API itself: one origin, so no CORS and a cookie that stays at home."""

from __future__ import annotations

import gzip
import re
import secrets
from functools import lru_cache
from pathlib import Path

from apiflask import APIFlask, abort
from flask import Response, current_app, make_response, request, send_from_directory
from werkzeug.exceptions import NotFound

from api.access.headers import page_policy

BUILT = Path(__file__).resolve().parent.parent / "dashboard" / "dist"
FOLDER = "TRADEWIND_DASHBOARD"  # in the app's config: where the built pages are
#: These answer for themselves; what is not found below them is no page.
OTHERS = re.compile(r"(api|hooks|socket\.io|metrics|healthz|readyz)(/|$)")
#: The builder puts a digest of the content into such a name, so what it names never changes.
HASHED = re.compile(r"(-[A-Z0-9]{8}\.[a-z0-9]+|(^|/)chunk-[\w-]{8}\.js)(\.map)?$")
#: Stands in the index (`<app-root ngCspNonce="CSP_NONCE">`) where the nonce of each answer goes.
NONCE = "CSP_NONCE"
#: Texts, which are sent in a quarter of their bytes; fonts are packed already.
PACKED = (".js", ".css", ".svg")
A_YEAR = 365 * 24 * 3600  # seconds

_NOT_BUILT = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Tradewind</title></head>
<body>
<h1>Tradewind</h1>
<p>The API answers, but the dashboard is not built.</p>
<p><a href="/api/docs">What the API answers</a>, <a href="/api/openapi.json">for programs</a>;
<a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>.</p>
</body>
</html>
"""


def init_app(app: APIFlask) -> None:
    """Pages are open to all: what they show, they ask for with the viewer's own session. Goes before the roles."""
    app.config.setdefault(FOLDER, folder())
    app.before_request(_page)


def folder(built: Path = BUILT) -> Path | None:
    """Where the index is: Angular puts it some folders down. None where nothing is built."""
    return next((page.parent for page in sorted(built.glob("**/index.html"), key=lambda page: len(page.parts))), None)


def _page() -> Response | None:
    """An answer for what no route of the API takes."""
    path = request.path.lstrip("/")
    if not isinstance(request.routing_exception, NotFound) or OTHERS.match(path):
        return None
    if request.method not in ("GET", "HEAD"):
        return None
    place: Path | None = current_app.config[FOLDER]
    # A page in the place of a script that is not there would only confuse.
    if path != "index.html" and "." in path.rpartition("/")[2]:
        if place is None:
            abort(404, "The dashboard is not built.")
        return _file(place, path)
    return make_response(_NOT_BUILT) if place is None else _index(place)


def _file(folder: Path, path: str) -> Response:
    """What a name with a digest names is kept for a year, anything else asked for each time."""
    answer = send_from_directory(folder, path)
    answer.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable" if HASHED.search(path) else "no-cache"
    if path.endswith(PACKED):
        answer.vary.add("Accept-Encoding")
        if answer.status_code == 200 and request.accept_encodings.quality("gzip"):
            return _packed(answer, folder / path)
    return answer


def _packed(answer: Response, file: Path) -> Response:
    """The same in gzip. Its tag is another, for it is other bytes."""
    answer.close()
    answer.direct_passthrough = False
    answer.data = _gzip(file, file.stat().st_mtime_ns)
    answer.headers["Content-Encoding"] = "gzip"
    if tag := answer.get_etag()[0]:
        answer.set_etag(f"{tag}-gzip")
    return answer


@lru_cache(maxsize=100)
def _gzip(file: Path, _written: int) -> bytes:
    return gzip.compress(file.read_bytes(), mtime=0)


def _index(folder: Path) -> Response:
    """With a nonce of its own for the styles that Angular writes, and so never kept."""
    nonce = secrets.token_urlsafe(16)
    page = make_response((folder / "index.html").read_text(encoding="utf-8").replace(NONCE, nonce))
    page.headers["Content-Security-Policy"] = page_policy(nonce)
    page.headers["Cache-Control"] = "no-store"
    return page
