"""Who runs a command, as the audit names them."""

from __future__ import annotations

import getpass
import os
import socket

from sinks.tokens import Principal


def here() -> Principal:
    """The account on this machine: whoever may run commands beside the database may do everything."""
    return Principal(f"{_account()}@{socket.gethostname()}", "operator")


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's number without a name
        return str(os.getuid())
