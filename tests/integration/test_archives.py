"""Zip archives taken apart on the driver, by real batches into a real PostgreSQL; no Spark is needed for that."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli_tool import run as main
from sinks import database
from sinks.queries import query
from streaming.batch import Batch
from tests.acceptance.desk import Desk, row, table

YESTERDAY, TODAY, TOMORROW = 1_760_000_000.0, 1_760_086_400.0, 1_760_172_800.0
THREE = {f"t{n}.csv": table(row(n), row(n + 10)) for n in (1, 2, 3)}


def zipped(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


@pytest.fixture
def desk(tmp_path: Path, migrated_postgres: str) -> Desk:
    for name in ("in", "state"):
        (tmp_path / name).mkdir()
    return Desk(tmp_path / "in", tmp_path / "state", migrated_postgres, None)


def load(desk: Desk) -> None:
    """One batch of what a listing shows, until nothing is owed."""
    desk.take(desk.sightings())
    assert desk.owed() == []


def retry(desk: Desk, uri: str) -> int:
    with database.transaction(database.connect(desk.dsn, "test")) as cursor:
        cursor.execute(
            query("ledger", "retry"), {"feed": "x", "uri": uri, "version": None, "states": ["quarantined", "loaded"]}
        )
        return len(cursor.fetchall())


def states(desk: Desk) -> dict[str, list[str]]:
    """By what follows the feed's folder."""
    found: dict[str, list[str]] = {}
    for uri, state in desk.ask("SELECT uri, state FROM tradewind.files ORDER BY file_id"):
        found.setdefault(uri.removeprefix(desk.plan.prefix), []).append(state)
    return found


def reason(desk: Desk, name: str) -> str:
    ((text,),) = desk.ask("SELECT reason FROM tradewind.files WHERE uri = %(uri)s", uri=desk.plan.prefix + name)
    return str(text)


def test_every_member_is_a_row_with_books_of_its_own(desk: Desk) -> None:
    desk.drop("a.zip", zipped(THREE), TODAY)
    load(desk)
    assert states(desk) == {"a.zip": ["ignored"], **{f"a.zip!{name}": ["loaded"] for name in THREE}}
    assert reason(desk, "a.zip") == "a zip of 3 members, each a file of its own"
    assert desk.prices().keys() == {"1", "11", "2", "12", "3", "13"}
    rows: list[tuple[Any, ...]] = desk.ask(
        "SELECT DISTINCT size, lines, inserted, seen_by, version = (SELECT version FROM tradewind.files a "
        "WHERE a.uri LIKE '%%zip'), extract(epoch FROM modified_at)::int FROM tradewind.files WHERE uri LIKE '%%!%%' "
        "ORDER BY 1"
    )
    assert {line[1:] for line in rows} == {(3, 2, "archive", True, int(TODAY))}
    assert {line[0] for line in rows} == {len(content) for content in THREE.values()}


def test_one_bad_member_stops_no_other(desk: Desk) -> None:
    desk.drop("a.zip", zipped({**THREE, "t2.csv": b"nothing,of,this\n1,2,3\n"}))
    desk.drop("b.csv", table(row(9)))
    load(desk)
    assert states(desk)["a.zip!t2.csv"] == ["quarantined"]
    assert desk.prices().keys() == {"1", "11", "3", "13", "9"}
    assert desk.ask("SELECT sum(quarantined)::int, sum(files)::int FROM tradewind.batches") == [(1, 4)]


def test_what_is_no_trade_file_within_an_archive_is_kept_with_the_reason(desk: Desk) -> None:
    names = {"in/": b"", "in/t.csv": table(row(1)), "__MACOSX/in/._t.csv": b"x", ".hidden": b"x", "t.csv.tmp": b"x"}
    desk.drop("a.zip", zipped({**names, "in/t.csv.sha256": b"x"}))
    load(desk)
    assert {name: held for name, (held,) in states(desk).items()} == {
        "a.zip": "ignored", "a.zip!in/": "ignored", "a.zip!in/t.csv": "loaded", "a.zip!__MACOSX/in/._t.csv": "ignored",
        "a.zip!.hidden": "ignored", "a.zip!t.csv.tmp": "ignored", "a.zip!in/t.csv.sha256": "ignored",
    }  # fmt: skip
    assert reason(desk, "a.zip!in/") == "a folder of the archive"
    assert "__MACOSX" in reason(desk, "a.zip!__MACOSX/in/._t.csv")


def test_a_packed_member_is_read_and_a_zip_within_is_not(desk: Desk) -> None:
    desk.drop("a.zip", zipped({"t.csv.gz": gzip.compress(table(row(1))), "inner.zip": zipped(THREE)}))
    load(desk)
    assert states(desk) == {"a.zip": ["ignored"], "a.zip!t.csv.gz": ["loaded"], "a.zip!inner.zip": ["quarantined"]}
    assert "a zip within a zip" in reason(desk, "a.zip!inner.zip")


@pytest.mark.parametrize("name", ["a.zip", "a.csv", "a!b.dat"])
def test_an_archive_is_told_by_its_bytes_and_a_broken_one_is_set_aside(desk: Desk, name: str) -> None:
    whole = zipped(THREE)
    desk.drop(name, whole[:-30], YESTERDAY)
    load(desk)
    assert states(desk) == {name: ["quarantined"]}
    assert "have it sent again" in reason(desk, name)
    assert desk.ask("SELECT sum(quarantined)::int FROM tradewind.batches") == [(1,)]
    desk.drop(name, whole, TODAY)
    load(desk)
    assert states(desk)[name] == ["quarantined", "ignored"]
    assert desk.count() == 6


def test_a_spreadsheet_is_said_by_name_though_it_is_a_zip(desk: Desk) -> None:
    desk.drop("trades.xlsx", zipped({"[Content_Types].xml": b"<x/>", "xl/worksheets/sheet1.xml": b"<x/>"}))
    load(desk)
    assert states(desk) == {"trades.xlsx": ["quarantined"]}
    assert "sent as CSV" in reason(desk, "trades.xlsx")


def test_an_archive_without_members_is_one(desk: Desk) -> None:
    desk.drop("a.zip", zipped({}))
    load(desk)
    assert states(desk) == {"a.zip": ["ignored"]}
    assert reason(desk, "a.zip") == "a zip of 0 members, each a file of its own"


def test_an_archive_that_is_seen_again_is_not_taken_apart_again(desk: Desk) -> None:
    desk.drop("a.zip", zipped(THREE))
    load(desk)
    before = desk.everything()
    load(desk)
    assert desk.everything() == before


def test_a_new_version_of_the_archive_is_a_new_version_of_its_members(desk: Desk) -> None:
    desk.drop("a.zip", zipped(THREE), YESTERDAY)
    load(desk)
    desk.drop("a.zip", zipped({"t1.csv": table(row(1, price=7)), "t4.csv": table(row(4))}), TODAY)
    load(desk)
    assert states(desk) == {
        "a.zip": ["superseded", "ignored"], "a.zip!t1.csv": ["superseded", "loaded"], "a.zip!t2.csv": ["loaded"],
        "a.zip!t3.csv": ["loaded"], "a.zip!t4.csv": ["loaded"],
    }  # fmt: skip
    assert desk.prices() == {"1": "7", "11": "10.5", "2": "10.5", "12": "10.5", "3": "10.5", "13": "10.5", "4": "10.5"}


def test_with_replace_a_member_that_the_new_version_lacks_is_withdrawn_and_comes_back(desk: Desk) -> None:
    desk.settings["on_overwrite"] = "replace"
    first, second = zipped(THREE), zipped({"t1.csv": THREE["t1.csv"]})
    desk.drop("a.zip", first, YESTERDAY)
    load(desk)
    desk.drop("a.zip", second, TODAY)
    load(desk)
    assert desk.prices().keys() == {"1", "11"}
    assert states(desk)["a.zip!t2.csv"] == ["superseded", "loaded"]
    desk.drop("a.zip", second + b"", TOMORROW)
    load(desk)
    assert states(desk)["a.zip!t2.csv"] == ["superseded", "loaded"]  # there is nothing left to withdraw
    desk.drop("a.zip", first, TOMORROW + 1)
    load(desk)
    assert desk.prices().keys() == {"1", "11", "2", "12", "3", "13"}


@pytest.mark.parametrize("on_overwrite", ["merge", "replace"])
def test_an_archive_that_goes_back_to_an_older_version_is_that_again(desk: Desk, on_overwrite: str) -> None:
    desk.settings["on_overwrite"] = on_overwrite
    first = {"t1.csv": table(row(1, price=1)), "t2.csv": table(row(2, price=1))}
    second = {"t1.csv": table(row(1, price=2))}
    for content, modified in ((first, YESTERDAY), (second, TODAY), (first, YESTERDAY)):
        desk.drop("a.zip", zipped(content), modified)
        load(desk)
    assert desk.prices() == {"1": "1", "2": "1"}
    assert states(desk)["a.zip"] == ["ignored", "superseded"]


def test_an_older_time_than_before_is_still_the_archive_of_now(desk: Desk) -> None:
    for price, modified in ((1, TODAY), (2, YESTERDAY)):
        desk.drop("a.zip", zipped({"t.csv": table(row(1, price=price))}), modified)
        load(desk)
    assert desk.prices() == {"1": "2"}


def test_an_archive_deleted_before_its_members_were_read_is_owed_when_it_returns(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.drop("a.zip", zipped(THREE), TODAY)
    desk.batch["max_files"] = 1
    listed, batches = desk.sightings(), []

    plain = Batch._work_off

    def work_off(self: Batch, connection: Any, session: Any) -> int:
        taken = plain(self, connection, session)
        batches.append(taken)
        if len(batches) == 2:
            (desk.folder / "a.zip").rename(desk.state / "kept")
        return taken

    monkeypatch.setattr(Batch, "_work_off", work_off)
    desk.take(listed)
    assert states(desk) == {
        "a.zip": ["vanished"], "a.zip!t1.csv": ["loaded"], "a.zip!t2.csv": ["vanished"], "a.zip!t3.csv": ["vanished"]
    }  # fmt: skip
    (desk.state / "kept").rename(desk.folder / "a.zip")
    load(desk)
    assert set(map(tuple, states(desk).values())) == {("ignored",), ("loaded",)}
    assert desk.count() == 6


def test_a_member_is_retried_by_its_name_and_all_by_their_archive(desk: Desk) -> None:
    desk.drop("a.zip", zipped({**THREE, "t2.csv": b"no,such,columns\n1,2,3\n"}))
    load(desk)
    assert states(desk)["a.zip!t2.csv"] == ["quarantined"]
    assert retry(desk, "a.zip!t2.csv") == 1
    load(desk)
    assert retry(desk, "a.zip") == 3
    load(desk)
    assert states(desk)["a.zip!t2.csv"] == ["quarantined"]


def test_the_path_tells_date_and_symbol_by_the_members_name(desk: Desk) -> None:
    desk.settings["profile"] = "binance-spot-trades"
    line = b"1,2.5,3,7.5,1735689600000000,True,True\n"
    names = {f"{symbol}-trades-2025-01-0{day}.csv": line for symbol, day in (("BTCUSDT", 1), ("ETHUSDT", 2))}
    desk.drop("bundle-2024-05-05.zip", zipped(names))
    load(desk)
    assert desk.ask("SELECT symbol FROM tradewind.trades ORDER BY 1") == [("BTCUSDT",), ("ETHUSDT",)]
    assert desk.ask("SELECT path_date::text FROM tradewind.files WHERE uri LIKE '%%!%%' ORDER BY order_key") == [
        ("2025-01-01",), ("2025-01-02",)
    ]  # fmt: skip


@pytest.fixture
def cli(desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run a command on the desk's feed; its JSON lines, or its text."""
    config = desk.state / "tradewind.toml"
    config.write_text(
        f'[state]\ndir = "{desk.state}"\n[feeds.x]\nsource = "{desk.folder}/*.zip"\nprofile = "demo-exchange"\n'
    )
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", desk.dsn)

    def run(*words: str, code: int = 0) -> Any:
        capsys.readouterr()
        assert main.main([*words, "--config", str(config)]) == code
        out = capsys.readouterr().out
        return [json.loads(line) for line in out.splitlines()] if "--json" in words else out

    return run


def test_check_shows_the_members_of_a_zip_as_they_would_land(desk: Desk, cli: Callable[..., Any]) -> None:
    desk.drop("a.zip", zipped({"in/t1.csv": THREE["t1.csv"], ".hidden": b"x", "t2.csv": table(row(2))}))
    rows = cli("check", "--json")
    assert [(one["uri"].removeprefix(desk.plan.prefix), one["records"], one["problem"]) for one in rows] == [
        ("a.zip!in/t1.csv", 2, None), ("a.zip!t2.csv", 1, None)
    ]  # fmt: skip
    assert rows[0]["trades"][0]["trade_id"] == "1"


def test_check_tells_of_a_broken_zip_and_goes_on(desk: Desk, cli: Callable[..., Any]) -> None:
    desk.drop("a.zip", zipped(THREE)[:-1])
    desk.drop("b.zip", zipped({"t.csv": table(row(1))}))
    first, second = cli("check", "--json", code=1)
    assert "truncated or damaged" in first["problem"]
    assert (second["uri"].rpartition("/")[2], second["problem"]) == ("b.zip!t.csv", None)


def test_explain_tells_of_a_members_line(desk: Desk, cli: Callable[..., Any]) -> None:
    path = desk.drop("a.zip", zipped({"in/t!1.csv": table(row(1), row(2, price=7))}))
    for name in (path, f"file://{path}"):
        (told,) = cli("explain", f"{name}!in/t!1.csv:3", "--json")
        assert (told["trade"]["trade_id"], told["trade"]["price"]) == ("2", "7")
    assert cli("explain", f"{path}!no.csv:3", code=2) == ""


def test_files_are_listed_shown_and_retried_by_a_members_name_or_the_archives(
    desk: Desk, cli: Callable[..., Any]
) -> None:
    desk.drop("a.zip", zipped({**THREE, "in/t2.csv": b"no,such,columns\n1,2,3\n"}))
    load(desk)
    listed = cli("files", "list", "--json")
    assert [one["uri"].removeprefix(desk.plan.prefix) for one in listed] == [
        "a.zip", "a.zip!in/t2.csv", "a.zip!t1.csv", "a.zip!t2.csv", "a.zip!t3.csv"
    ]  # fmt: skip
    assert "a.zip!in/t2.csv" in cli("files", "list", "--state", "quarantined")
    (shown,) = cli("files", "show", "a.zip!in/t2.csv", "--json")
    assert "trade_id" in shown["reason"]
    assert len(cli("files", "show", "a.zip", "--json")) == 5
    assert [one["uri"].rpartition("/")[2] for one in cli("files", "retry", "x", "--json")] == ["t2.csv"]
    assert len(cli("files", "retry", "x", "a.zip!t1.csv", "--json")) == 1


def test_a_file_whose_disk_fails_waits_for_its_next_try_and_the_others_load(desk: Desk) -> None:
    if not Path("/proc/self/mem").exists():
        pytest.skip("there is no file here that always fails")
    desk.drop("a.csv", table(row(1)), TODAY)
    (desk.folder / "b.csv").symlink_to("/proc/self/mem")  # every read at its beginning is answered by EIO
    desk.settings["complete"] = "rename"
    desk.take(desk.sightings())
    assert states(desk) == {"a.csv": ["loaded"], "b.csv": ["waiting"]}
    assert "the store did not answer (Input/output error); it is tried again" in reason(desk, "b.csv")
    assert desk.ask("SELECT due_at > state_at FROM tradewind.files WHERE state = 'waiting'") == [(True,)]
