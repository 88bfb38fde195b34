"""How often a stream looks for loaded objects that may go."""

from datetime import timedelta

import pytest

from streaming.feeds import Clearance


@pytest.mark.parametrize(
    ("waits", "seconds"),
    [(timedelta(), 1.0), (timedelta(seconds=10), 10.0), (timedelta(hours=1), 3600.0), (timedelta(days=7), 3600.0)],
)
def test_as_often_as_an_object_waits_from_a_second_to_an_hour(waits: timedelta, seconds: float) -> None:
    assert Clearance(after=waits).every == seconds
