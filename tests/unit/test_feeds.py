"""Feeds with their defaults resolved."""

import pickle
from pathlib import Path
from typing import Any

import pytest

from streaming.errors import ProfileError, SettingsError
from streaming.feeds import plans
from streaming.settings import Settings

ID = """
name = "own"
version = "1"
[columns]
trade_id = "id"
symbol = "s"
venue = { const = "X" }
event_time = { column = "t", format = "iso" }
price = "p"
quantity = "q"
[identity]
kind = "id"
"""
CONTENT = ID.replace('trade_id = "id"\n', "").replace('kind = "id"', 'kind = "content"')


def settings(folder: Path, feeds: dict[str, dict[str, Any]]) -> Settings:
    for name, text in [("id", ID), ("content", CONTENT)]:
        (folder / f"{name}.toml").write_text(text)
    context = {"folder": folder}
    return Settings.model_validate({"feeds": feeds}, context=context)


def test_a_plan_has_every_default_resolved_and_can_be_sent_to_tasks(tmp_path: Path) -> None:
    feeds = {"spot": {"source": "/data/*/t-*.csv", "profile": "id.toml"}}
    (one,) = plans(settings(tmp_path, feeds))
    assert (one.name, one.dataset, one.discovery) == ("spot", "spot", "events")
    assert (one.source.prefix, one.source.glob) == ("file:///data/", "*/t-*.csv")
    assert (one.on_overwrite, one.partition) == ("merge", "month")
    assert pickle.loads(pickle.dumps(one)) == one


def test_where_trades_have_no_id_an_overwrite_replaces(tmp_path: Path) -> None:
    feeds = {"a": {"source": "/x", "profile": "content.toml"}}
    assert plans(settings(tmp_path, feeds))[0].on_overwrite == "replace"


def test_a_bucket_without_events_is_swept(tmp_path: Path) -> None:
    feeds = {"a": {"source": "s3a://b/x", "profile": "id.toml"}}
    assert plans(settings(tmp_path, feeds))[0].discovery == "sweep"


def test_named_feeds_come_in_the_files_order(tmp_path: Path) -> None:
    feeds = {name: {"source": f"/{name}", "profile": "id.toml"} for name in ("b", "a", "c")}
    assert [one.name for one in plans(settings(tmp_path, feeds), ["c", "b"])] == ["b", "c"]


def test_an_unknown_feed_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    feeds = {"spot": {"source": "/x", "profile": "id.toml"}}
    with pytest.raises(SettingsError, match=r"did you mean 'spot'\?.*configured are spot"):
        plans(settings(tmp_path, feeds), ["spto"])


def test_no_feed_at_all_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"add a table \[feeds\.NAME\]"):
        plans(settings(tmp_path, {}))


def test_feeds_of_one_dataset_must_agree_on_identity(tmp_path: Path) -> None:
    feeds = {
        "a": {"source": "/a", "profile": "id.toml", "dataset": "d"},
        "b": {"source": "/b", "profile": "content.toml", "dataset": "d"},
    }
    with pytest.raises(SettingsError, match="share the dataset 'd'"):
        plans(settings(tmp_path, feeds))


def test_a_feed_overrides_single_settings_of_its_profile(tmp_path: Path) -> None:
    override = {"columns.price": "px", "dialect.delimiter": ";", "columns.event_time.zone": "Europe/Berlin"}
    feeds = {"a": {"source": "/x", "profile": "id.toml", "override": override}}
    profile = plans(settings(tmp_path, feeds))[0].profile
    assert (profile.columns.price.column, profile.dialect.delimiter) == ("px", ";")
    assert (profile.columns.event_time.column, profile.columns.event_time.zone) == ("t", "Europe/Berlin")
    plain = plans(settings(tmp_path, {"a": {"source": "/x", "profile": "id.toml"}}))[0].profile
    assert profile.version != plain.version


def test_a_wrong_override_is_told_with_the_feed_and_the_key(tmp_path: Path) -> None:
    feeds = {"a": {"source": "/x", "profile": "id.toml", "override": {"columns.prise": "px"}}}
    with pytest.raises(ProfileError, match=r"feeds\.a\.override: .*id\.toml: columns\.prise: Extra inputs"):
        plans(settings(tmp_path, feeds))
