"""What the process of a run said is kept, whatever it said and whatever became of the database meanwhile."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from api.children import Children
from api.pool import Pool
from sinks import asked_runs, database
from sinks.errors import SinkError
from tests.api.ledger import ask

PATIENCE = 60.0  # seconds


class Watched(Pool):
    """Tells when a connection was not to be had."""

    def __init__(self, dsn: str) -> None:
        super().__init__(dsn, 2)
        self.refused = threading.Event()

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        try:
            with super().cursor() as cursor:
                yield cursor
        except SinkError:
            self.refused.set()
            raise


def ended(dsn: str, code: str, pool: Pool, meanwhile: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """The row of a run whose process is this Python."""
    connection = database.connect(dsn)
    with closing(connection), database.transaction(connection) as cursor:
        run_id = asked_runs.queue(cursor, "sweep", ["spot"], ["sweep"], "somebody")
    Children([sys.executable, "-c", code], pool).start(run_id, ["sweep"])
    meanwhile()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        (row,) = ask(dsn, "SELECT state, answer, last_lines FROM tradewind.runs WHERE run_id = %(id)s", id=run_id)
        if row["answer"] is not None:
            return row
        time.sleep(0.05)  # between two looks
    raise AssertionError(row)


def test_a_run_that_ends_while_postgresql_is_away_is_noted_when_it_is_back(
    dsn: str, server: Callable[[int], str], tmp_path: Path
) -> None:
    go, pool = tmp_path / "go", Watched(dsn)
    code = (
        f"import pathlib, sys, time\nwhile not pathlib.Path({str(go)!r}).exists(): time.sleep(0.01)\n"
        "print('{\"n\": 1}')\nsys.exit('no such feed')"
    )

    def away() -> None:
        name = dsn.partition("?")[0].rpartition("/")[2]
        database.execute_alone(server(18), f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            go.touch()
            assert pool.refused.wait(PATIENCE)
        finally:
            database.execute_alone(server(18), f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    with closing(pool):
        told = ended(dsn, code, pool, away)
    assert told == {"state": "failed", "answer": [{"n": 1}], "last_lines": "no such feed"}


def test_names_with_other_ends_of_lines_and_lines_that_are_no_answer_harm_nothing(dsn: str) -> None:
    odd = "a\u2028b\u0085c"
    lines = ['{"name": "' + odd + '"}', "{cut off", "[1]", "a word", '{"n": 2}']
    said, cried = "\n".join(lines).encode(), odd.encode()
    code = f"import sys\nsys.stdout.buffer.write({said!r})\nsys.stderr.buffer.write({cried!r})"
    with closing(Pool(dsn, 2)) as pool:
        told = ended(dsn, code, pool)
    assert (told["answer"], told["last_lines"]) == ([{"name": odd}, {"n": 2}], odd)
