"""What has to be fetched to verify a message: certificates, key sets, a confirmation. Anybody can have us ask, so what
fails is not asked for again at once, and not much is asked for at all."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable
from http.client import HTTPException
from typing import Any

from api.hooks.errors import Later, Refused

TIMEOUT = 5.0  # seconds
LARGEST = 256 << 10  # bytes of an answer
PAUSE = 10.0  # seconds until what failed is asked for again
MOST = 30  # fetches a minute
REMEMBERED = 100  # failures

Fetch = Callable[[str], bytes]  # raises Refused where there is no such thing, Later where nobody answered


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """The address was checked, and that of a redirect was not."""


def fetch(url: str) -> bytes:
    """A GET of an https address that the caller has checked. Raises Refused (4xx, a redirect) and Later."""
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(url, timeout=TIMEOUT) as answer:
            body: bytes = answer.read(LARGEST + 1)
    except urllib.error.HTTPError as error:
        with error:
            raise (Later if error.code >= 500 else Refused)(f"{_host(url)} answered {error.code}") from None
    except (OSError, HTTPException) as error:
        raise Later(f"{_host(url)} does not answer: {error}") from error
    if len(body) > LARGEST:
        raise Refused(f"{_host(url)} answered too much")
    return body


class Sparing:
    """The same, sparingly: for the threads of one process."""

    def __init__(self, fetch: Fetch, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch, self._clock, self._lock = fetch, clock, threading.Lock()
        self._failed: dict[str, tuple[float, Exception]] = {}
        self._asked: deque[float] = deque(maxlen=MOST)

    def __call__(self, url: str) -> bytes:
        """Raises what `fetch` raises, and Later where too much was asked for."""
        with self._lock:
            self._permit(url)
        try:
            return self._fetch(url)
        except (Refused, Later) as cause:
            with self._lock:
                self._failed[url] = self._clock(), cause
                while len(self._failed) > REMEMBERED:
                    del self._failed[next(iter(self._failed))]
            raise

    def _permit(self, url: str) -> None:
        now = self._clock()
        at, cause = self._failed.get(url, (now - PAUSE, Later()))
        if now - at < PAUSE:
            raise type(cause)(str(cause))
        if len(self._asked) == MOST and now - self._asked[0] < 60:
            raise Later("too many fetches within a minute")
        self._asked.append(now)


def _host(url: str) -> str:
    return url.split("/")[2]
