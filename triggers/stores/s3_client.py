"""The client of S3: credentials from boto3's own chain, made once in a process, used by all of its threads."""

import os
import threading
from functools import lru_cache
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from triggers.stores.access import S3Access

#: Attempts in all, the first included, unless AWS_MAX_ATTEMPTS or the profile says otherwise.
ATTEMPTS = 5
#: Connections kept open: as many as threads read at once.
CONNECTIONS = 64
CONNECT_SECONDS, READ_SECONDS = 10, 60

_making = threading.Lock()


def client(access: S3Access) -> Any:
    """The process's own. Raises botocore's errors (ProfileNotFound…)."""
    with _making:  # a boto3 session is for one thread at a time; the clients that it makes are for many
        return _made(access)


def forget() -> None:
    """Look for credentials anew: a chain reads keys of a file or the environment only once, and they get replaced."""
    with _making:
        _made.cache_clear()


@lru_cache(maxsize=16)
def _made(access: S3Access) -> Any:
    session = boto3.Session(profile_name=access.profile, region_name=access.region)
    return session.client("s3", endpoint_url=access.endpoint, config=_config(session, access))


def _config(session: boto3.Session, access: S3Access) -> Config:
    told = session._session.get_config_variable  # boto3 has no door of its own to it
    mode = told("retry_mode")
    return Config(
        # `legacy` is what botocore says where nobody chose; it gives up on some faults that `standard` outlives.
        retries={
            "mode": "standard" if mode == "legacy" else mode,
            "total_max_attempts": told("max_attempts") or ATTEMPTS,
        },
        max_pool_connections=CONNECTIONS,
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        tcp_keepalive=True,
        signature_version=UNSIGNED if access.anonymous else None,
    )


def _anew() -> None:
    """A forked child shares neither its parent's connections nor a lock that another thread of it may have held."""
    global _making
    _making = threading.Lock()
    _made.cache_clear()


os.register_at_fork(after_in_child=_anew)
