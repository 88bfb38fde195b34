import json
import pickle
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from checkpoints.errors import CheckpointForeign, CheckpointMismatch, CheckpointUnwritable
from checkpoints.fingerprint import DISCARDED, NAME, Fingerprint, guard, read
from checkpoints.inspect import Place, inspect, place_of, places
from checkpoints.prune import prune
from checkpoints.reset import reset
from triggers.folders import LocalFolder


def at(path: Path) -> Place:
    return Place(path.parent.name, path.name, LocalFolder(path))


SPOT = Fingerprint("spot", "file:///in/", "events", "4")


def test_a_new_checkpoint_is_marked_and_the_same_stream_passes_again(tmp_path: Path) -> None:
    place = tmp_path / "checkpoints" / "spot" / "events"
    guard(LocalFolder(place), SPOT)
    guard(LocalFolder(place), SPOT)
    assert read(LocalFolder(place)) == SPOT
    assert [path.name for path in place.iterdir()] == [NAME]


@pytest.mark.parametrize(
    ("name", "value"),
    [("prefix", "file:///other/"), ("mode", "listing"), ("spark_major", "3"), ("feed", "futures")],
)
def test_another_stream_is_refused_with_what_changed_and_the_way_out(tmp_path: Path, name: str, value: str) -> None:
    guard(LocalFolder(tmp_path), SPOT)
    with pytest.raises(CheckpointMismatch) as raised:
        guard(LocalFolder(tmp_path), replace(SPOT, **{name: value}))
    message = str(raised.value)
    assert f"{name} was {getattr(SPOT, name)!r} and is now {value!r}" in message
    assert "tradewind checkpoints reset" in message
    assert str(tmp_path) in message
    assert read(LocalFolder(tmp_path)) == SPOT


def test_a_checkpoint_of_somebody_else_is_refused(state: Any) -> None:
    place = state.spark("spot", "events", planned=1, committed=1)
    with pytest.raises(CheckpointForeign, match=f"without {NAME}.*checkpoints reset spot"):
        guard(LocalFolder(place), SPOT)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"feed": "spot", "other": 1}'])
def test_a_fingerprint_that_cannot_be_understood_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(CheckpointForeign, match="cannot be understood"):
        guard(LocalFolder(tmp_path), SPOT)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").write_text("a file in the way")
    with pytest.raises(CheckpointUnwritable, match=str(tmp_path / "checkpoints")):
        guard(LocalFolder(tmp_path / "checkpoints" / "spot"), SPOT)


@pytest.mark.parametrize(
    "error",
    [
        CheckpointMismatch("file:///state", "spot", {"mode": ("events", "sweep")}),
        CheckpointForeign("file:///state", "spot", "it is empty"),
        CheckpointUnwritable("file:///state", "no room"),
    ],
)
def test_errors_cross_processes(error: Exception) -> None:
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_checkpoint_tells_where_it_stands(state: Any) -> None:
    place = state.place("spot", "events")
    guard(LocalFolder(place), SPOT)
    state.spark("spot", "events", planned=11, committed=10)
    seen = inspect(at(place), state.now)
    assert (seen.feed, seen.mode, seen.prefix, seen.spark_major) == ("spot", "events", "file:///in/", "4")
    assert (seen.planned, seen.committed, seen.position) == (11, 10, ('{"logOffset":11}',))
    assert seen.age == timedelta(seconds=60)
    assert seen.planned_at == seen.committed_at == state.now - timedelta(seconds=60)
    assert seen.files == 2 + 12 * 3 + 11
    assert seen.size == sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    assert seen.damaged == ()


def test_a_checkpoint_that_spark_never_used_has_no_batches(tmp_path: Path, state: Any) -> None:
    guard(LocalFolder(tmp_path / "spot" / "events"), SPOT)
    seen = inspect(at(tmp_path / "spot" / "events"), state.now)
    assert (seen.planned, seen.committed, seen.position, seen.age) == (None, None, (), None)


def test_log_files_that_a_full_disk_left_empty_are_named(state: Any) -> None:
    place = state.spark("spot", "events", planned=3, committed=2)
    (place / "offsets" / "3").write_text("")
    (place / "sources" / "0" / "9.compact").write_text("")
    seen = inspect(at(place), state.now)
    assert seen.damaged == ("offsets/3", "sources/0/9.compact")
    assert (seen.planned, seen.position, seen.planned_at) == (3, (), None)


def test_a_checkpoint_is_shown_as_json(state: Any) -> None:
    shown = inspect(at(state.spark("spot", "events", planned=0, committed=0)), state.now).to_json()
    copy = json.loads(json.dumps(shown))
    assert (copy["age"], copy["committed_at"]) == (60.0, "2026-01-02T03:03:05.000000Z")


def test_every_checkpoint_of_a_state_folder_is_found_by_feed(state: Any) -> None:
    for feed, mode in (("spot", "sweep"), ("spot", "events"), ("futures", "backfill-7")):
        state.spark(feed, mode, planned=0, committed=0)
    found = [f"{place.feed}/{place.mode}" for place in places(state.checkpoints)]
    assert found == ["futures/backfill-7", "spot/events", "spot/sweep"]
    assert list(places(state.checkpoints, "futures")) == [place_of(state.checkpoints, "futures", "backfill-7")]
    assert list(places(LocalFolder(state.directory / "nowhere"))) == []


def test_a_reset_removes_the_checkpoint_and_only_that_one(state: Any) -> None:
    place = state.spark("spot", "events", planned=1, committed=1)
    other = state.spark("spot", "sweep", planned=1, committed=1)
    removed = reset(LocalFolder(place))
    assert removed is not None
    assert (removed.directory, removed.files) == (f"file://{place}", 1 + 2 * 3 + 2)
    assert list(place.parent.iterdir()) == [other]
    guard(LocalFolder(place), SPOT)


def test_a_reset_of_nothing_is_nothing(state: Any) -> None:
    assert reset(LocalFolder(state.place("spot", "events"))) is None


def test_pruning_takes_finished_backfills_that_are_old_and_their_journals(state: Any) -> None:
    old = state.spark("spot", "backfill-1", planned=0, committed=0, age=3_600)
    owed = state.spark("spot", "backfill-2", planned=0, committed=0, age=3_600)
    young = state.spark("spot", "backfill-3", planned=0, committed=0, age=60)
    live = state.spark("spot", "events", planned=0, committed=0, age=36_000)
    journal = state.directory / "journal" / "spot"
    old.parent.joinpath("backfill-9").mkdir()
    (journal / "backfill-1").mkdir(parents=True)
    later = state.now + timedelta(days=36_500)
    asked: list[tuple[str, str]] = []

    def finished(feed: str, backfill: str) -> bool:
        asked.append((feed, backfill))
        return backfill != "backfill-2"

    removed = prune(state.checkpoints, state.journals, timedelta(minutes=30), state.now, finished)
    assert [one.directory for one in removed] == [f"file://{old}"]
    assert asked == [("spot", "backfill-1"), ("spot", "backfill-2")]
    prune(state.checkpoints, state.journals, timedelta(minutes=30), later, finished)
    assert sorted(live.parent.iterdir()) == [owed, live]
    assert not young.exists()
    assert list(journal.iterdir()) == []


def test_what_a_crash_left_of_a_reset_is_no_checkpoint_to_start_from(state: Any) -> None:
    place = state.spark("spot", "events", planned=2, committed=2)
    (place / NAME).write_bytes(DISCARDED)
    (place / "metadata").unlink()
    guard(LocalFolder(place), SPOT)
    assert [path.name for path in place.iterdir()] == [NAME]


def test_pruning_removes_what_a_crash_left_of_a_reset(state: Any) -> None:
    place = state.spark("spot", "events", planned=0, committed=0)
    (place / NAME).write_bytes(DISCARDED)
    prune(state.checkpoints, state.journals, timedelta(days=1), state.now, lambda feed, backfill: False)
    assert list(place.parent.iterdir()) == []


def test_pruning_a_state_folder_that_was_never_used_is_nothing(state: Any) -> None:
    assert prune(state.checkpoints, state.journals, timedelta(), state.now, lambda feed, backfill: True) == []
