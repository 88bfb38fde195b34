"""What the views of one app share: its settings and its connections."""

from __future__ import annotations

from dataclasses import dataclass
from threading import BoundedSemaphore

from flask import current_app

from api.airflow import Handing
from api.children import Children
from api.pool import Pool
from streaming.settings import Settings


@dataclass(frozen=True, slots=True)
class Shared:
    """Built once by `create_app`."""

    settings: Settings
    dsn: str
    pool: Pool
    starter: Children | Handing
    downloads: BoundedSemaphore  # places, of which each download under way has one
    command: tuple[str, ...]  # how people call the program for what is served here


def shared() -> Shared:
    """That of the app that answers."""
    found: Shared = current_app.extensions["tradewind"]
    return found


def pool() -> Pool:
    return shared().pool
