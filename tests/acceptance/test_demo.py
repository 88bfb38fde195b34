"""The demo as a user runs it: a process of its own, its books and its trades against the list of what it sent."""

import itertools
import json
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from cli_tool.demo_files import FEEDS, Drop, Trade, drops
from sinks import embedded
from streaming.settings import load

ROOT = Path(__file__).parents[2]
OUTCOMES = ("inserted", "updated", "unchanged", "duplicate", "stale", "pending", "rejected", "ignored")
Row = tuple[str, ...]


@dataclass(frozen=True)
class Ended:
    """A demo that ended by itself: what it said, its books, what it sent and what that was made from."""

    folder: Path
    code: int
    output: str
    books: list[dict[str, Any]]
    sent: list[dict[str, str]]
    files: list[Drop]


def _start(folder: Path, *options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, str(ROOT / "cli_tool" / "run.py"), "demo", "--folder", str(folder), *options]
    return subprocess.Popen(
        command, cwd=folder.parent, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def _left_behind(folder: Path) -> list[str]:
    """The command lines of processes that name the folder, or work in it."""
    left = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(folder) in line or str(folder) in str((process / "cwd").readlink()):
                left.append(line)
        except OSError:
            continue  # it ended meanwhile
    return left


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    base = tmp_path_factory.mktemp("demo")
    folder, books = base / "run here", base / "books.json"
    process = _start(folder, "--duration", "10", "--books", str(books))
    output, _ = process.communicate(timeout=240)
    assert process.returncode == 0, output
    sent = [json.loads(line) for line in (folder / "sent.jsonl").read_text().splitlines()]
    files = list(itertools.islice(drops(), len(sent)))
    return Ended(folder, process.returncode, output, json.loads(books.read_text())["files"], sent, files)


@pytest.fixture(scope="module")
def trades(ended: Ended) -> Iterator[dict[str, Counter[Row]]]:
    """What the table holds, per feed."""
    settings = load(ended.folder / "tradewind.toml", environ={})
    connection = psycopg2.connect(settings.dsn())
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                """SELECT d.name, t.trade_id, t.symbol, t.venue,
                    ((extract(epoch FROM t.event_time) * 1000000)::bigint * 1000 + t.event_nanos)::text,
                    coalesce(t.side, ''), t.price::text, t.quantity::text, coalesce(t.account, ''), t.status
                FROM tradewind.trades t JOIN tradewind.datasets d USING (dataset_id)"""
            )
            rows: dict[str, Counter[Row]] = {feed: Counter() for feed in FEEDS}
            for feed, *values in cursor:
                rows[feed][tuple(values)] += 1
        yield rows
    finally:
        connection.close()
        embedded.leave(settings.state.dir)


def test_it_sends_a_whole_day_of_files_and_nothing_stays_behind(ended: Ended) -> None:
    assert len(ended.sent) >= 25
    assert [(d["feed"], d["name"], d["kind"]) for d in ended.sent] == [(d.feed, d.name, d.kind) for d in ended.files]
    assert not _left_behind(ended.folder)


def test_every_record_of_every_file_is_in_the_books(ended: Ended) -> None:
    for file in ended.books:
        if file["state"] in ("loaded", "superseded"):
            assert file["records"] == sum(file[name] for name in OUTCOMES), file
            assert file["lines"] == file["records"] + file["framing_lines"], file


def test_every_file_sent_is_in_the_ledger_in_the_state_expected(ended: Ended) -> None:
    found = {(file["uri"], file["version"]): file for file in ended.books}
    for place, (sent, drop) in enumerate(zip(ended.sent, ended.files, strict=True)):
        file = found.pop((sent["uri"], sent["version"]), None)
        followed = any(d.name == drop.name for d in ended.files[place + 1 :])
        if followed and (file is None or file["state"] == "vanished"):
            continue  # overwritten before it was read
        assert file is not None, drop.name
        assert file["state"] == ("superseded" if followed and drop.state == "loaded" else drop.state), file
        if drop.state != "ignored" and drop.kind not in ("truncated", "wrong_header"):
            assert file["rejected"] == drop.rejected, file
        if drop.state == "loaded":
            assert file["records"] == len(drop.rows) + drop.rejected, file
        if drop.state != "loaded":
            assert file["reason"]
    # Nothing else but what was seen half written.
    assert {file["state"] for file in found.values()} <= {"vanished"}


def test_the_trades_are_what_the_list_of_files_says(ended: Ended, trades: dict[str, Counter[Row]]) -> None:
    for feed in ("demo-exchange", "demo-crypto", "demo-broker"):
        assert trades[feed] == Counter(_by_id(feed, [d for d in ended.files if d.feed == feed])), feed
    without_ids = Counter(row[1:] for row in trades["demo-vendor"].elements())
    assert without_ids == _by_content([d for d in ended.files if d.feed == "demo-vendor"])


def test_it_shows_each_feed_and_the_turnover_of_each_symbol(ended: Ended, trades: dict[str, Counter[Row]]) -> None:
    turnover: Counter[tuple[str, str]] = Counter()
    for feed, rows in trades.items():
        for row in rows.elements():
            if row[-1] != "cancelled":
                turnover[feed, row[1]] += Decimal(row[5]) * Decimal(row[6])  # type: ignore[assignment]
    for (feed, symbol), amount in turnover.items():
        assert re.search(rf"{feed} +│ {re.escape(symbol)} .*{amount:,} ", ended.output), (feed, symbol, amount)
    assert "NO" not in ended.output.split()


@pytest.mark.parametrize("asked", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_a_signal_ends_it_cleanly_with_nothing_left_running(asked: signal.Signals, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    process = _start(folder)
    sent = folder / "sent.jsonl"
    _wait_for(lambda: sent.is_file() and len(sent.read_text().splitlines()) >= 3)
    process.send_signal(asked)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert "The books" in output and "Traceback" not in output
    assert not _left_behind(folder)


def test_its_link_signs_a_browser_in_once_and_its_server_ends_with_it_however_it_ends(tmp_path: Path) -> None:
    process = _start(tmp_path / "demo")
    try:
        address, secret = _link(process)
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        command = ["tradewind", "--config", str(tmp_path / "demo" / "tradewind.toml")]
        signed_in = {"name": "demo", "role": "operator", "command": command}
        assert _followed(browser, address, secret) == signed_in
        assert _asked(browser, f"{address}/api/v1/session") == signed_in
        with pytest.raises(urllib.error.HTTPError, match="410") as refused:
            _followed(urllib.request.build_opener(), address, secret)
        refused.value.close()
    finally:
        process.kill()
        process.communicate(timeout=60)
    _wait_for(lambda: not _left_behind(tmp_path / "demo"))


def _link(process: "subprocess.Popen[str]") -> tuple[str, str]:
    """The address that the demo prints first, and what stands behind it."""
    assert process.stdout is not None
    said = "".join(itertools.islice(process.stdout, 2))
    told = re.search(r"Open (http://127\.0\.0\.1:\d+)/sign-in#link=(\S+)", said)
    assert told, f"{said}Is the dashboard built? make dashboard"
    return told[1], told[2]


def _followed(browser: urllib.request.OpenerDirector, address: str, secret: str) -> Any:
    body = json.dumps({"secret": secret}).encode()
    kind = {"Content-Type": "application/json"}
    return _asked(browser, urllib.request.Request(f"{address}/api/v1/session/link", body, kind))


def _asked(browser: urllib.request.OpenerDirector, what: str | urllib.request.Request) -> Any:
    with browser.open(what, timeout=30) as answer:
        return json.load(answer)


def test_it_refuses_a_folder_that_it_did_not_make(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("irreplaceable")
    process = _start(tmp_path / "mine")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 2 and "choose another --folder" in output
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "irreplaceable"


def _by_id(feed: str, files: list[Drop]) -> list[Row]:
    """The newest state of each id by version, the file's place in the path, and the order of sending."""
    newest: dict[tuple[str, ...], tuple[tuple[Any, ...], Trade]] = {}
    cancels: dict[tuple[str, ...], int] = {}
    for number, drop in enumerate(files):
        day, sequence = _place(drop.name)
        for row in drop.rows if drop.state == "loaded" else ():
            key = (row.trade_id, row.symbol, row.venue, day)
            if row.action == "cancel":
                cancels[key] = max(row.version, cancels.get(key, 0))
                continue
            order = (row.version, day, sequence, number)
            if key not in newest or order > newest[key][0]:
                newest[key] = (order, row)
    return [_row(feed, t, cancels.get(key, 0)) for key, (_, t) in newest.items()]


def _by_content(files: list[Drop]) -> "Counter[Row]":
    """The most often that each content stands in one of the files that are there at the end."""
    last = {drop.name: drop for drop in files if drop.state == "loaded"}
    most: Counter[Row] = Counter()
    for drop in last.values():
        most |= Counter(_row(drop.feed, t, 0)[1:] for t in drop.rows)
    return most


def _row(feed: str, t: Trade, cancelled: int) -> Row:
    step = {"demo-exchange": 1, "demo-crypto": 1000, "demo-broker": 1000, "demo-vendor": 1_000_000}[feed]
    status = "cancelled" if cancelled > t.version else "corrected" if t.action == "correct" else "new"
    at = str(t.at // step * step)
    return (t.trade_id, t.symbol, t.venue, at, t.side or "", t.price, t.quantity, t.account, status)


def _place(name: str) -> tuple[str, int]:
    found = re.search(r"(\d{4}-?\d\d-?\d\d)(?:-(\d+))?", name)
    assert found
    return found[1].replace("-", ""), int(found[2] or 0)


def _wait_for(true: Any, patience: float = 150) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, "it did not come to this in time"
        time.sleep(0.05)
