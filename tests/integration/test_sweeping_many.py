"""A prefix of very many objects, against a ledger that holds them all."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from tests.acceptance.desk import Desk
from tests.integration.test_sweeping import found, sweeping_of
from triggers.stores import Listed, Stores
from triggers.sweep import SweepCounts

OBJECTS = 400_000
AT = datetime(2026, 1, 2, tzinfo=UTC)
KNOWN = """INSERT INTO tradewind.files (feed, dataset_id, uri, version, size, modified_at, effective_at, order_key,
    seen_by, state, reason)
SELECT 'x', dataset_id, '{prefix}' || to_char(n, 'FM0000000') || '.csv', 'v-1', 1, '2026-01-02Z', '2026-01-02Z',
    n::text, 'sweep', 'ignored', 'of another time'
FROM generate_series(0, {objects} - 1) n, tradewind.feeds WHERE feed = 'x'"""


class Many:
    """A store that holds so many objects, and none of them."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def of(self, uri: str) -> Many:
        return self

    def list(self, prefix: str, after: str | None, counting: Callable[[], None]) -> Iterator[Listed]:
        for number in range(OBJECTS):
            if number % 1_000 == 0:
                counting()
            yield Listed(f"{self.prefix}{number:07}.csv", "v-1", 1, AT)


def resident() -> float:
    """Of this process, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


@pytest.mark.slow(60)
@pytest.mark.timeout(600)
def test_hundreds_of_thousands_of_objects_are_swept_in_bounded_memory(tmp_path: Path, migrated_postgres: str) -> None:
    desk = Desk(tmp_path / "in", tmp_path, migrated_postgres, None)
    seen: dict[int, float] = {}

    def told(counts: SweepCounts) -> None:
        seen[counts.objects // 50_000] = resident()

    with sweeping_of(desk) as this:
        desk.run(KNOWN.format(prefix=desk.plan.prefix, objects=OBJECTS))
        desk.run("ANALYZE tradewind.files")  # as the server does by itself, within a minute
        this.plan = replace(this.plan, stores=cast(Stores, Many(desk.plan.prefix)))
        assert found(this.sweep("start", told=told)) == {"known": OBJECTS}
        assert found(this.sweep("beat", full=False, told=told)) == {"known": OBJECTS}
    assert desk.ask("SELECT DISTINCT list_calls FROM tradewind.reconciliations") == [(OBJECTS // 1_000,)]
    assert max(seen.values()) - min(seen.values()) < 24, seen
