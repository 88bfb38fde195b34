"""What hooks brought, for Prometheus: as of a queue, and what was refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client.core import CounterMetricFamily

from api.hooks.door import Door
from streaming.metrics import of_queues


class Counts:
    """Of this process, since its start."""

    def __init__(self, door: Callable[[], Door]) -> None:
        self._door = door

    def describe(self) -> list[Any]:
        return []  # else registering would already ask

    def collect(self) -> Iterator[Any]:
        door = self._door()
        if not door.desks:
            return
        yield from of_queues(door.listeners)
        refused = CounterMetricFamily("tradewind_hook_refusals", "Messages that were not believed.", labels=["queue"])
        for listener in door.listeners:
            refused.add_metric([listener.place], door.refused[listener.place])
        yield refused
