"""`/metrics` for Prometheus: the feeds at the moment of the scrape, requests and sockets of this process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from apiflask import APIBlueprint, APIFlask
from apiflask.schemas import FileSchema
from flask import Flask, Response, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily

from api.asking import rows
from api.lag import lag_since
from sinks.queries import query

metrics = APIBlueprint("metrics", __name__, tag="Health")
WINDOW = timedelta(minutes=10)  # of the lag that is shown
_EXTENSION = "tradewind_metrics"
_RECORDS = ("inserted", "updated", "unchanged", "duplicate", "stale", "pending", "rejected", "ignored")
_FILES = ("files", "owed", "quarantined", "vanished")
_LAG = ("seen_p50_seconds", "seen_p99_seconds", "written_p50_seconds", "written_p99_seconds")


@dataclass
class Metrics:
    """What this process counts for itself."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    requests: Counter = field(init=False)
    seconds: Histogram = field(init=False)

    def __post_init__(self) -> None:
        of = self.registry
        self.requests = Counter(
            "tradewind_api_requests", "Requests answered.", ["method", "route", "status"], registry=of
        )
        self.seconds = Histogram("tradewind_api_request_seconds", "Until the answer began.", ["route"], registry=of)
        self.registry.register(Feeds())


class Feeds:
    """The feeds as the summary and the freshness tell them, and the open sockets, asked for at each scrape."""

    def describe(self) -> list[Any]:
        return []  # else registering would already ask the database

    def collect(self) -> Iterator[Any]:
        summary = rows(query("api/feeds", "summary"), feeds=None)
        yield _family("tradewind_records", "What records became.", "outcome", _RECORDS, summary)
        yield _family("tradewind_files", "Files; `files` are those loaded.", "state", _FILES, summary)
        fresh = lag_since(datetime.now(UTC) - WINDOW)
        yield _family("tradewind_lag_seconds", _LAG_HELP, "of", _LAG, fresh)
        yield _family("tradewind_freshness_seconds", _FRESH, None, ("freshness_seconds",), fresh)
        places = current_app.extensions["tradewind_live"].gate.places()
        yield GaugeMetricFamily("tradewind_api_sockets", "Sockets admitted.", sum(place.admitted for place in places))


_LAG_HELP = "From arrival to row, of the files seen in the last ten minutes."
_FRESH = "Since the newest loaded file was written."


def _family(name: str, told: str, label: str | None, columns: tuple[str, ...], feeds: list[Any]) -> Any:
    """One metric: a value for each feed and column that has one."""
    family = GaugeMetricFamily(name, told, labels=["feed", label] if label else ["feed"])
    for feed in feeds:
        for column in columns:
            if feed[column] is not None:
                labels = [feed["feed"], column.removesuffix("_seconds")] if label else [feed["feed"]]
                family.add_metric(labels, float(feed[column]))
    return family


@metrics.get("/metrics")
@metrics.output(FileSchema(type="string", format="text"), content_type="text/plain", description="Prometheus' text.")
def scrape() -> Response:
    """Feeds, lag, requests and sockets for Prometheus.

    With a viewer's token, as every other address.
    """
    return Response(generate_latest(of(current_app).registry), content_type=CONTENT_TYPE_LATEST)


def of(app: Flask) -> Metrics:
    """Those of an app."""
    found: Metrics = app.extensions[_EXTENSION]
    return found


def init_app(app: APIFlask) -> None:
    app.extensions[_EXTENSION] = Metrics()
    app.before_request(_begin)
    app.after_request(_count)


def _begin() -> None:
    g.began = time.perf_counter()


def _count(answer: Response) -> Response:
    # The route, not the path: a metric for each file would be one too many.
    route = request.url_rule.rule if request.url_rule else "none"
    kept = of(current_app)
    kept.requests.labels(request.method if request.url_rule else "any", route, answer.status_code).inc()
    kept.seconds.labels(route).observe(time.perf_counter() - g.get("began", time.perf_counter()))
    return answer
