"""The client of Cloud Storage: credentials from Google's own chain, made once in a process, used by all its threads."""

import os
import threading
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client
from requests.adapters import HTTPAdapter

from triggers.stores.access import GcsAccess

#: Connections kept open: as many as threads read at once.
CONNECTIONS = 64

_making = threading.Lock()


def client(access: GcsAccess) -> Any:
    """The process's own. Raises google.auth's errors (DefaultCredentialsError…)."""
    with _making:
        return _made(access)


def forget() -> None:
    """Look for credentials anew: a chain reads a key's file only once, and those get replaced."""
    with _making:
        _made.cache_clear()


def media_url(client: Any, bucket: str, name: str, generation: str) -> str:
    """Where the bytes of one generation are."""
    place = f"/download/storage/v1/b/{quote(bucket, safe='')}/o/{quote(name, safe='')}"
    return f"{client._connection.API_BASE_URL}{place}?alt=media&generation={generation}"


def session(client: Any) -> Any:
    """The client's own connections, which sign: its downloads write into a stream, and here one is read from."""
    return client._http


@lru_cache(maxsize=16)
def _made(access: GcsAccess) -> Any:
    made = Client(
        project=access.project,
        credentials=AnonymousCredentials() if access.anonymous else None,  # type: ignore[no-untyped-call]
        client_options={"api_endpoint": access.endpoint} if access.endpoint else None,
    )
    # For the sake of traces it would ask for each bucket, in a thread: a request, and a right, more than needed.
    made._bucket_metadata_cache = None
    for scheme in ("http://", "https://"):
        session(made).mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))
    return made


def _anew() -> None:
    """A forked child shares neither its parent's connections nor a lock that another thread of it may have held."""
    global _making
    _making = threading.Lock()
    _made.cache_clear()


os.register_at_fork(after_in_child=_anew)
