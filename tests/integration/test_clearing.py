"""What is loaded is archived or deleted once nobody needs it any more; on a disk and a real PostgreSQL."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli_tool import run as main
from streaming.clearing import clear, clearance
from streaming.feeds import plans
from streaming.profiles.catalogue import path_of
from streaming.settings import Settings
from tests.acceptance.desk import Desk, row, table
from tests.integration.test_archives import zipped
from tests.integration.test_sweeping import found, sweeping_of
from triggers.errors import StoreUnavailable
from triggers.stores.local import uri_of

AGES = timedelta(days=8)


@pytest.fixture
def desk(tmp_path: Path, migrated_postgres: str) -> Desk:
    for name in ("in", "state"):
        (tmp_path / name).mkdir()
    return Desk(tmp_path / "in", tmp_path / "state", migrated_postgres, None, {"after_load": "delete"})


def load(desk: Desk) -> None:
    """Load what is there; it was long ago then."""
    desk.take(desk.sightings())
    age(desk)


def age(desk: Desk) -> None:
    desk.run(
        "UPDATE tradewind.files SET loaded_at = loaded_at - interval '8 days', state_at = state_at - interval '8 days'"
    )


def cleared(desk: Desk, *others: Any) -> int:
    everything = [desk.plan, *others]
    return clear(desk.plan, everything, desk.dsn, threading.Event())


def there(desk: Desk) -> list[str]:
    return sorted(str(path.relative_to(desk.folder)) for path in desk.folder.rglob("*") if path.is_file())


def booked(desk: Desk) -> dict[str, tuple[str, str | None]]:
    """How each went, and where it is."""
    rows = desk.ask("SELECT uri, cleared_how, cleared_to FROM tradewind.files WHERE cleared_at IS NOT NULL ORDER BY 1")
    return {uri.removeprefix(desk.plan.prefix): (how, to) for uri, how, to in rows}


def test_a_loaded_file_goes_when_its_time_has_come_and_not_before(desk: Desk) -> None:
    desk.drop("a.csv", table(row(1)))
    desk.take(desk.sightings())
    assert cleared(desk) == 0
    age(desk)
    desk.drop("b.csv", table(row(2)))
    desk.take(desk.sightings())
    assert cleared(desk) == 1
    assert there(desk) == ["b.csv"]
    assert booked(desk) == {"a.csv": ("deleted", None)}
    assert desk.count() == 2
    assert cleared(desk) == 0


def test_the_sweep_takes_what_was_cleared_for_no_loss(desk: Desk) -> None:
    desk.drop("a.csv", table(row(1)))
    load(desk)
    cleared(desk)
    with sweeping_of(desk) as this:
        assert found(this.sweep("beat")) == {}
    assert desk.states() == {"a.csv": ["loaded"]}


def test_by_default_everything_stays(desk: Desk) -> None:
    desk.settings = {}
    desk.drop("a.csv", table(row(1)))
    load(desk)
    assert (cleared(desk), there(desk)) == (0, ["a.csv"])


def test_an_archived_file_keeps_its_path_and_nothing_in_the_archive_is_written_over(desk: Desk, tmp_path: Path) -> None:
    desk.settings = {"after_load": "archive", "archive_to": str(tmp_path / "old")}
    desk.drop("2026/a b.csv", table(row(1)))
    load(desk)
    version = desk.sightings()[0].version
    assert cleared(desk) == 1
    place = tmp_path / "old" / "2026" / "a b.csv"
    assert place.read_bytes() == table(row(1))
    assert booked(desk) == {"2026/a b.csv": ("archived", uri_of(place))}
    desk.drop("2026/a b.csv", table(row(1), row(2)))
    load(desk)
    version = desk.sightings()[0].version
    assert cleared(desk) == 1
    assert place.read_bytes() == table(row(1))
    assert place.with_name(f"a b.csv.{version}").read_bytes() == table(row(1), row(2))


def test_another_version_that_came_meanwhile_is_never_touched(desk: Desk) -> None:
    desk.drop("a.csv", table(row(1)), 1_760_000_000.0)
    load(desk)
    desk.drop("a.csv", table(row(1, price=7)))
    assert cleared(desk) == 0
    assert there(desk) == ["a.csv"]
    assert desk.ask("SELECT cleared_at, cleared_how FROM tradewind.files") == [(None, None)]
    load(desk)
    assert cleared(desk) == 1
    assert desk.prices() == {"1": "7"}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE tradewind.files SET state = 'quarantined'",
        "UPDATE tradewind.files SET state = 'discovered'",
        "UPDATE tradewind.files SET pending = 1, records = records + 1",
        "INSERT INTO tradewind.rejects (file_id, line, reason, raw, raw_escaped) SELECT file_id, 1, 'bad', 'x', false "
        "FROM tradewind.files",
        "INSERT INTO tradewind.files (feed, dataset_id, uri, version, size, modified_at, effective_at, order_key, "
        "seen_by) SELECT feed, dataset_id, uri, 'new', 1, now(), now(), 'k', 'events' FROM tradewind.files",
    ],
)
def test_what_somebody_may_still_need_stays(desk: Desk, change: str) -> None:
    desk.drop("a.csv", table(row(1)))
    load(desk)
    desk.run(change)
    assert (cleared(desk), there(desk)) == (0, ["a.csv"])


def test_what_another_feed_reads_too_stays_until_that_one_has_loaded_it(desk: Desk) -> None:
    desk.drop("a.csv", table(row(1)))
    load(desk)
    other = replace(desk.plan, name="y", dataset="y")
    assert cleared(desk, other) == 0
    desk.run(
        "INSERT INTO tradewind.feeds SELECT 'y', dataset_id, source, profile, profile_version FROM tradewind.feeds"
    )
    copied = "dataset_id, uri, version, size, modified_at, effective_at, order_key, seen_by"
    desk.run(f"INSERT INTO tradewind.files (feed, {copied}) SELECT 'y', {copied} FROM tradewind.files")
    assert cleared(desk, other) == 0
    desk.run("UPDATE tradewind.files SET state = 'ignored' WHERE feed = 'y'")
    assert cleared(desk, other) == 1


def test_what_a_replaced_file_may_ask_for_by_its_content_stays(desk: Desk) -> None:
    desk.settings |= {"profile": str(_by_content(desk)), "on_overwrite": "replace"}
    desk.drop("a.csv", table(row(1)), 1_760_000_000.0)
    load(desk)
    desk.drop("b.csv", table(row(1)))
    desk.drop("c.csv", table(row(3)))
    load(desk)
    assert desk.books("b.csv") == {"unchanged": 1}
    assert cleared(desk) == 2
    assert there(desk) == ["b.csv"]


def _by_content(desk: Desk) -> Path:
    made = path_of("demo-exchange").read_text().replace('kind = "id"', 'kind = "content"')
    made = made.replace('trade_id = "trade_id"\n', "")
    path = desk.state / "content.toml"
    path.write_text(made)
    return path


def test_an_archive_goes_with_its_members_once_all_of_them_are_loaded(desk: Desk) -> None:
    desk.drop("bad.zip", zipped({"t1.csv": table(row(1)), "t2.csv": b"no,such\n1,2\n"}))
    desk.drop("good.zip", zipped({"t3.csv": table(row(3)), "in/": b"", "t4.csv": table(row(4))}))
    desk.take(desk.sightings())
    assert cleared(desk) == 0
    age(desk)
    assert cleared(desk) == 1
    assert there(desk) == ["bad.zip"]
    deleted = ("deleted", None)
    assert booked(desk) == dict.fromkeys(("good.zip", "good.zip!in/", "good.zip!t3.csv", "good.zip!t4.csv"), deleted)


class Dying:
    """The disk, reached by a process that dies right after it removed an object."""

    def __init__(self, desk: Desk) -> None:
        self._store = desk.plan.stores.of(desk.plan.prefix)

    def of(self, uri: str) -> Dying:
        return self

    def stat(self, uri: str) -> Any:
        return self._store.stat(uri)

    def remove(self, uri: str, version: str) -> bool:
        self._store.remove(uri, version)
        raise StoreUnavailable(uri, "killed")


def test_one_that_died_between_the_store_and_the_ledger_is_finished_by_the_next(desk: Desk) -> None:
    desk.drop("a.csv", table(row(1)))
    load(desk)
    dying = replace(desk.plan, stores=Dying(desk))  # type: ignore[arg-type]
    with pytest.raises(StoreUnavailable):
        clear(dying, [dying], desk.dsn, threading.Event())
    assert (there(desk), booked(desk)) == ([], {})
    assert cleared(desk) == 1
    assert booked(desk) == {"a.csv": ("deleted", None)}


def test_what_somebody_else_removed_is_noted_as_gone(desk: Desk) -> None:
    desk.drop("a.csv", table(row(1)))
    load(desk)
    (desk.folder / "a.csv").unlink()
    assert cleared(desk) == 0
    assert booked(desk) == {"a.csv": ("gone", None)}


def test_more_than_a_page_is_cleared_and_a_stop_is_heeded(desk: Desk) -> None:
    for number in range(3):
        desk.drop(f"{number}.csv", table(row(number)))
    load(desk)
    stop = threading.Event()
    went = []
    for one in clearance(desk.plan, [desk.plan], desk.dsn, stop):
        went.append(one)
        stop.set()
    assert len(went) == 1
    assert cleared(desk) == 2


@pytest.fixture
def cli(desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    config = desk.state / "tradewind.toml"
    config.write_text(
        f'[state]\ndir = "{desk.state}"\n[feeds.x]\nsource = "{desk.folder}"\nprofile = "demo-exchange"\n'
        'after_load = "delete"\n'
    )
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", desk.dsn)

    def run(*words: str, code: int = 0) -> Any:
        capsys.readouterr()
        assert main.main([*words, "--config", str(config)]) == code
        out = capsys.readouterr().out
        return [json.loads(line) for line in out.splitlines()] if "--json" in words else out

    return run


def test_the_command_shows_first_and_then_does(desk: Desk, cli: Callable[..., Any]) -> None:
    path = desk.drop("a.csv", table(row(1)))
    load(desk)
    expected = {"feed": "x", "uri": uri_of(path), "size": path.stat().st_size, "how": "deleted", "to": None}
    for words in (("--dry-run",), ()):
        (told,) = cli("files", "clear", "x", *words, "--json")
        assert expected.items() <= told.items()
        assert there(desk) == ([] if not words else ["a.csv"])
    assert "Nothing is to be cleared" in cli("files", "clear")
    (shown,) = cli("files", "show", "a.csv", "--json")
    assert shown["cleared_how"] == "deleted"


def test_a_sweep_is_shown_and_its_history_too(desk: Desk, cli: Callable[..., Any]) -> None:
    desk.drop("a.csv", table(row(1)))
    (told,) = cli("sweep", "x", "--json")
    assert (told["why"], told["objects"], told["missed"], told["list_calls"]) == ("command", 1, 1, 1)
    (again,) = cli("sweep", "--json")
    assert (again["awaited"], again["missed"]) == (1, 0)
    newest, oldest = cli("sweep", "--history", "--json")
    assert newest["started_at"] > oldest["started_at"]
    assert "missed" in cli("sweep")
    assert len(cli("sweep", "x", "--history", "--limit", "1", "--json")) == 1


def test_replacing_by_id_and_clearing_exclude_each_other(tmp_path: Path) -> None:
    from streaming.errors import SettingsError

    feed = {"source": str(tmp_path), "profile": "demo-exchange", "after_load": "delete", "on_overwrite": "replace"}
    with pytest.raises(SettingsError, match="asks for the other files of its dates again"):
        plans(Settings.model_validate({"feeds": {"x": feed}}))
