"""The settings in force of a feed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from api.app import create_app
from streaming.settings import Settings

FEEDS = {
    "plain": {"source": "s3a://bucket/plain/", "profile": "tardis-trades"},
    "told": {
        "source": "s3a://bucket/told/", "profile": "tardis-trades", "dataset": "all", "max_rejects": "2.5%",
        "events": {"queue": "https://sqs.eu-west-1.amazonaws.com/123456789012/told"}, "values": {"currency": "USD"},
        "after_load": "delete", "after_load_after": "36h", "name_order": True,
    },
    "lost": {"source": "s3a://bucket/lost/", "profile": "/no/such/profile.toml"},
}  # fmt: skip


@pytest.fixture(scope="module")
def app(dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIFlask]:
    state: Path = tmp_path_factory.mktemp("state")
    told = {"database": {"url": dsn}, "state": {"dir": str(state)}, "feeds": FEEDS}
    made = create_app(Settings.model_validate(told), dsn)
    yield made
    made.extensions["tradewind"].pool.close()


def settings(client: FlaskClient, feed: str) -> dict[str, Any]:
    answer = client.get(f"/api/v1/feeds/{feed}/settings").get_json()
    return {one["key"]: (one["value"], one["set"]) for one in answer["settings"]}


def test_what_is_not_set_is_told_as_it_holds(viewer: FlaskClient) -> None:
    told = settings(viewer, "plain")
    assert told["source"] == ("s3://bucket/plain/", True)
    assert told["dataset"] == ("plain", False)
    assert told["discovery"] == ("sweep", False)
    assert told["max_rejects"] == ("1%", False)
    assert told["partition"] == ("day", False)
    assert told["on_overwrite"][0] in ("merge", "replace")
    assert told["read_with"] == ("client", False)
    assert "after_load_after" not in told


def test_what_is_set_is_written_as_in_the_file(viewer: FlaskClient) -> None:
    told = settings(viewer, "told")
    assert told["dataset"] == ("all", True)
    assert told["max_rejects"] == ("2.5%", True)
    assert told["events.queue"] == ("https://sqs.eu-west-1.amazonaws.com/123456789012/told", True)
    assert told["discovery"] == ("events", False)
    assert told["values.currency"] == ("USD", True)
    assert told["after_load_after"] == ("36h", True)
    assert told["name_order"] == ("true", True)


def test_a_feed_whose_profile_cannot_be_read_says_so(viewer: FlaskClient) -> None:
    answer = viewer.get("/api/v1/feeds/lost/settings")
    assert answer.status_code == 409
    assert "profile.toml" in answer.get_json()["detail"]


def test_a_feed_that_is_not_configured_has_none(viewer: FlaskClient) -> None:
    assert viewer.get("/api/v1/feeds/nothing/settings").status_code == 404
