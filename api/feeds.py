"""Feeds and the summary: how many records and files of each, how the last load went, how fresh it is."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint, Schema, abort
from apiflask.fields import AwareDateTime, Boolean, Float, Integer, List, Nested, String
from apiflask.validators import OneOf
from flask import Response

from api.asking import rows
from api.shared import shared
from sinks.queries import query
from streaming import feed_settings as settings

feeds = APIBlueprint("feeds", __name__, url_prefix="/api/v1", tag="Feeds")


class Feed(Schema):
    """One feed; counts are of all its files, times in UTC."""

    feed = String(required=True)
    dataset = String(required=True)
    profile = String(required=True)
    source = String(required=True)
    paused = Boolean(required=True)
    files = Integer(required=True, metadata={"description": "Loaded versions, superseded ones too."})
    owed = Integer(required=True)
    quarantined = Integer(required=True)
    vanished = Integer(
        required=True,
        metadata={"description": "Versions deleted, or replaced by a newer version, before they were read."},
    )
    records = Integer(required=True)
    inserted = Integer(required=True)
    updated = Integer(required=True)
    unchanged = Integer(required=True)
    duplicate = Integer(required=True)
    stale = Integer(required=True)
    pending = Integer(required=True)
    rejected = Integer(required=True)
    ignored = Integer(required=True)
    last_load = AwareDateTime(required=True, allow_none=True)
    last_status = String(required=True, allow_none=True, validate=OneOf(["loaded", "quarantined"]))
    newest_file = AwareDateTime(required=True, allow_none=True)
    freshness_seconds = Float(required=True, allow_none=True)


class OneFeed(Feed):
    """The same by itself: the document names what is nested and what is answered apart."""


class Summary(Schema):
    feeds = List(Nested(Feed), required=True)


@feeds.get("/summary")
@feeds.output(Summary)
def summary() -> Response:
    """Record counts, last load and freshness of every feed."""
    block = query("api/feeds", "summary_as_json", summary=query("api/feeds", "summary"))
    return Response(rows(block, feeds=None)[0]["text"], mimetype="application/json")


class Described(Schema):
    """What a feed is: as tradewind.toml says it now, else as the ledger has it from the last time it was at work."""

    feed = String(required=True)
    configured = Boolean(required=True, metadata={"description": "tradewind.toml has it."})
    discovery = String(required=True, allow_none=True, metadata={"description": "events, listing or sweep."})
    dataset = String(required=True)
    source = String(required=True)
    profile = String(required=True)
    profile_version = String(required=True, allow_none=True)
    paused = Boolean(required=True)
    stream = String(
        required=True,
        validate=OneOf(["running", "missing"]),
        allow_none=True,
        metadata={"description": "running; missing: it failed, or its process is gone; null: none is expected."},
    )
    updated_at = AwareDateTime(
        required=True, allow_none=True, metadata={"description": "When it was last at work; null if it never was."}
    )


class Feeds(Schema):
    feeds = List(Nested(Described), required=True)


@feeds.get("/feeds")
@feeds.output(Feeds)
def listing() -> dict[str, Any]:
    """Every feed that is configured or that the ledger knows."""
    known = {row["feed"]: row for row in rows(query("api/feeds", "feeds"))}
    configured = shared().settings.feeds
    return {
        "feeds": [_described(name, known.get(name), configured.get(name)) for name in sorted({*known, *configured})]
    }


def _described(feed: str, known: dict[str, Any] | None, told: settings.Feed | None) -> dict[str, Any]:
    never = {"feed": feed, "profile_version": None, "paused": False, "stream": None, "updated_at": None}
    now = {"discovery": None} if told is None else {
        "discovery": told.found_by, "dataset": told.dataset or feed, "source": told.source, "profile": told.profile
    }  # fmt: skip
    return never | (known or {}) | now | {"configured": told is not None}


@feeds.get("/feeds/<feed>")
@feeds.output(OneFeed)
def one(feed: str) -> dict[str, Any]:
    """One feed."""
    found = rows(query("api/feeds", "summary"), feeds=[feed])
    if not found:
        abort(404, f"No feed is called {feed!r}.")
    return found[0]
