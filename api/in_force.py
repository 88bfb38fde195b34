"""The settings a feed is loaded by: what tradewind.toml says, and what holds where it says nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from apiflask import APIBlueprint, Schema, abort
from apiflask.fields import Boolean, List, Nested

from api.fields import word
from api.shared import shared
from streaming.errors import ProfileError
from streaming.feed_settings import Feed
from streaming.profiles.profile import Profile
from streaming.units import written

in_force = APIBlueprint("in_force", __name__, url_prefix="/api/v1", tag="Feeds")


class Setting(Schema):
    """One key of the feed's table, dotted where it lies in a table of its own."""

    key = word()
    value = word("As tradewind.toml would have it.")
    set = Boolean(required=True, metadata={"description": "tradewind.toml says it; else it is what holds then."})


class InForce(Schema):
    feed = word()
    settings = List(Nested(Setting), required=True)


@in_force.get("/feeds/<feed>/settings")
@in_force.output(InForce)
def settings(feed: str) -> dict[str, Any]:
    """The settings of one feed as this server reads them; a feed's table holds no secrets."""
    told = shared().settings.feeds.get(feed)
    if told is None:
        abort(404, f"tradewind.toml has no feed {feed!r}.")
    try:
        profile = Profile.load(told.profile, told.override)
    except ProfileError as error:
        abort(409, str(error), extra_data={"cure": "Mend the profile or the feed's table; see `tradewind check`."})
    return {"feed": feed, "settings": list(_settings(told, _resolved(feed, told, profile)))}


def _settings(told: Feed, resolved: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key, value in (told.model_dump() | resolved).items():
        is_set = key in told.model_fields_set
        if isinstance(value, dict):
            yield from ({"key": f"{key}.{name}", "value": _text(one), "set": is_set} for name, one in value.items())
        elif value is not None:
            yield {"key": key, "value": _text(value), "set": is_set}


def _resolved(feed: str, told: Feed, profile: Profile) -> dict[str, Any]:
    """What follows from the profile and the place where the table leaves it open."""
    return {
        "dataset": told.dataset or feed,
        "discovery": told.found_by,
        "max_rejects": str(told.max_rejects),
        "on_overwrite": told.on_overwrite or profile.on_overwrite,
        "partition": told.partition or profile.partition,
        "read_with": "spark" if told.by_spark else "client",
        "after_load_after": None if told.after_load == "keep" else told.after_load_after,
    }


def _text(value: Any) -> str:
    if isinstance(value, timedelta):
        return written(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
