"""The live view's parts by themselves: places, rooms, what was heard."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.live.gate import PLACE, REFUSALS, Gate
from api.live.heard import NAMED, Heard
from api.live.rooms import Rooms


def test_every_place_counts_until_its_request_ends_however_it_ends() -> None:
    gate = Gate(fail, 2)
    for _ in range(5):
        with pytest.raises(StopIteration):
            gate({"PATH_INFO": "/socket.io/"}, answer)
    assert gate.places() == []


def fail(*_: Any) -> None:
    raise StopIteration  # as the WebSocket's end does under gunicorn


def answer(*_: Any) -> None:
    """Of a test that looks at no headers."""


def test_past_the_size_some_are_let_in_to_be_refused_and_then_nobody() -> None:
    admitted: list[bool] = []

    def nested(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        admitted.append(environ[PLACE].admitted)
        return list(gate({"PATH_INFO": "/socket.io/"}, start_response))

    gate = Gate(nested, 2)
    (body,) = gate({"PATH_INFO": "/socket.io/"}, answer)
    assert admitted == [True] * 2 + [False] * REFUSALS
    assert json.loads(body)["status"] == 503


def test_requests_take_no_place() -> None:
    gate = Gate(lambda environ, _: [str(PLACE in environ).encode()], 1)
    assert gate({"PATH_INFO": "/api/v1/summary"}, answer) == [b"False"]


def test_merges_are_named_up_to_a_number_and_counted_beyond_it_for_each_room() -> None:
    heard = Heard()
    for n in range(NAMED + 10):
        assert heard.merged(merge("a", n))
    assert heard.merged(merge("b", 99))
    named, left_out = heard.batches({"a", "b"})
    assert ([m["batch_id"] for m in named], left_out) == ([*range(11, NAMED + 10), 99], 11)
    named, left_out = heard.batches({"b"})
    assert ([m["batch_id"] for m in named], left_out) == ([99], 0)
    assert heard.of(None) == {"a", "b"}
    assert heard.of(frozenset({"b", "c"})) == {"b"}


def merge(feed: str, batch_id: int) -> str:
    return json.dumps({"feed": feed, "batch_id": batch_id, "files": 1, "inserted": 1, "updated": 0, "unchanged": 0})


@pytest.mark.parametrize("payload", ["", "null", "[]", "{}", '{"feed": "a"}', '{"feed": "a", "batch_id": "x"}'])
def test_what_no_merge_says_is_not_taken_for_one(payload: str) -> None:
    heard = Heard()
    assert not heard.merged(payload)
    assert heard.of(None) == set()


def test_a_client_is_inside_from_its_snapshot_on_and_not_if_it_changed_its_mind() -> None:
    rooms, spot = Rooms(), frozenset({"spot"})
    rooms.want("c", None)
    assert (rooms.waiting(), rooms.inside()) == ({"c": None}, {})
    rooms.want("c", spot)
    assert not rooms.enter("c", None)
    assert rooms.enter("c", spot)
    assert (rooms.waiting(), rooms.inside()) == ({}, {spot: ["c"]})
    rooms.leave("c")
    assert not rooms.enter("c", spot)
    assert (rooms.waiting(), rooms.inside()) == ({}, {})


def test_a_new_epoch_counts_anew_and_everybody_wants_a_snapshot() -> None:
    rooms = Rooms()
    rooms.want("c", None)
    rooms.enter("c", None)
    assert [rooms.next(None), rooms.next(None), rooms.seq(None)] == [1, 2, 2]
    epoch = rooms.epoch
    rooms.restart()
    assert (rooms.waiting(), rooms.seq(None)) == ({"c": None}, 0)
    assert rooms.epoch != epoch


def test_rooms_that_nobody_wants_are_forgotten() -> None:
    rooms, spot = Rooms(), frozenset({"spot"})
    rooms.want("c", None)
    rooms.next(None)
    rooms.next(spot)
    rooms.forget()
    assert (rooms.seq(None), rooms.seq(spot)) == (1, 0)
