"""The names of all metrics, what they mean, and what labels they have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple, get_args

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from triggers.listener import Listener, ListenerCounts
from triggers.listener_counts import Reason


class OfFeed(NamedTuple):
    """A gauge with the label `feed`: `tradewind_<name>`, of the figure of that name."""

    name: str
    help: str


class OfQueue(NamedTuple):
    """A gauge or a counter with the label `queue`; None is not shown."""

    name: str
    help: str
    value: Callable[[ListenerCounts], float | None]
    counts: bool = True


FEED_METRICS = (
    OfFeed("up", "1 while the feed is worked"),
    OfFeed("owed_files", "files that are registered and not finished"),
    OfFeed("owed_bytes", "their bytes"),
    OfFeed("trigger_age_seconds", "seconds since the stream's last trigger"),
    OfFeed("events_journaled", "arrivals that the listener journaled since its start"),
    OfFeed("events_waiting", "files that the listener was told of and that are not known to be whole"),
)

QUEUE_METRICS = (
    OfQueue("messages_received", "messages received since the start", lambda counts: counts.received),
    OfQueue("arrivals_journaled", "arrivals journaled, over all feeds of the queue", lambda counts: counts.journaled),
    OfQueue("letters_kept", "messages that nobody could read, kept", lambda counts: counts.letters),
    OfQueue("listener_errors", "failures after which the listener went on", lambda counts: counts.errors),
    OfQueue("files_waiting", "files not known to be whole yet", lambda counts: counts.waiting, counts=False),
    OfQueue("queue_backlog", "messages in the queue, where it tells", lambda counts: counts.backlog, counts=False),
    OfQueue("event_lag_seconds", "from the last event to its message", lambda counts: counts.lag, counts=False),
    OfQueue("event_age_seconds", "since the last message came", lambda counts: _age(counts), counts=False),
)

IGNORED = "notifications_ignored"  # a counter with the labels `queue` and `reason`; the reasons are those of Reason


def of_feeds(figures: dict[str, dict[str, Any]]) -> Iterator[Metric]:
    """A metric for each figure that there is."""
    for name, meaning in FEED_METRICS:
        family = GaugeMetricFamily(f"tradewind_{name}", meaning, labels=["feed"])
        for feed, told in figures.items():
            if name in told:
                family.add_metric([feed], float(told[name]))
        yield family


def of_queues(listeners: Iterable[Listener]) -> Iterator[Metric]:
    """What the listeners count."""
    them = list(listeners)
    for metric in QUEUE_METRICS:
        kind = CounterMetricFamily if metric.counts else GaugeMetricFamily
        family = kind(f"tradewind_{metric.name}", metric.help, labels=["queue"])
        for one in them:
            if (value := metric.value(one.counts)) is not None:
                family.add_metric([one.place], value)
        yield family
    yield _ignored(them)


def _ignored(listeners: list[Listener]) -> Metric:
    family = CounterMetricFamily(
        f"tradewind_{IGNORED}", "notifications that led to nothing", labels=["queue", "reason"]
    )
    for listener in listeners:
        for reason in get_args(Reason):
            family.add_metric([listener.place, reason], listener.counts.ignored.get(reason, 0))
    return family


def _age(counts: ListenerCounts) -> float | None:
    return (datetime.now(UTC) - counts.last_event_at).total_seconds() if counts.last_event_at else None
