"""Why a message is not taken: by what its sender may do next."""

from __future__ import annotations


class Refused(Exception):
    """It is not from whom it says, or nobody asked for it; nothing of it is kept."""


class Unreadable(Exception):
    """It is no message of its service at all; nothing of it is kept."""


class Later(Exception):
    """It could not be made durable, or not be verified, now: its sender brings it again."""
