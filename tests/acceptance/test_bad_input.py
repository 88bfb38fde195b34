"""What files do to us, and what they get."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.acceptance.desk import HEADER, Desk, row, table
from triggers.stores import Stores
from triggers.stores.local import LocalStore

YEAR_2099 = datetime(2099, 6, 1, tzinfo=UTC).timestamp()
YESTERDAY, TODAY = 1_760_000_000.0, 1_760_086_400.0


def test_a_truncated_gzip_never_half_loads_and_stops_no_other_file(desk: Desk) -> None:
    for n in range(50):
        desk.drop(f"good-{n:02}.csv.gz", gzip.compress(table(*(row(f"{n}-{k}") for k in range(20)))))
    torn = gzip.compress(table(*(row(f"torn-{k}", price=k + 1) for k in range(5000))))
    desk.drop("torn.csv.gz", torn[: len(torn) // 2])
    desk.backfill()
    assert desk.states()["torn.csv.gz"] == ["quarantined"]
    assert "truncated" in desk.reason("torn.csv.gz")
    assert desk.count() == 50 * 20
    assert desk.ask("SELECT count(*) FROM tradewind.trades WHERE trade_id LIKE 'torn%%'") == [(0,)]


def test_a_quarantined_file_that_is_sent_again_whole_is_loaded(desk: Desk) -> None:
    whole = gzip.compress(table(*(row(k) for k in range(500))))
    desk.drop("a.csv.gz", whole[:200])
    desk.backfill()
    desk.drop("a.csv.gz", whole)
    desk.backfill()
    assert desk.states()["a.csv.gz"] == ["quarantined", "loaded"]
    assert desk.count() == 500


def test_a_file_deleted_between_listing_and_reading_has_vanished(desk: Desk) -> None:
    gone, _ = desk.drop("gone.csv", table(row(1))), desk.drop("here.csv", table(row(2)))
    listed = desk.sightings()
    gone.unlink()
    desk.take(listed)
    assert desk.states() == {"gone.csv": ["vanished"], "here.csv": ["loaded"]}
    assert desk.prices().keys() == {"2"}
    assert desk.owed() == []


def test_a_vanished_file_that_comes_back_is_loaded(desk: Desk) -> None:
    path = desk.drop("a.csv", table(row(1)))
    listed, kept = desk.sightings(), path.with_name("_kept")
    path.rename(kept)
    desk.take(listed)
    kept.rename(path)
    desk.backfill()
    assert desk.states() == {"a.csv": ["loaded"]}


def test_a_file_replaced_while_it_is_read_loads_only_as_what_replaced_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.drop("a.csv", table(*(row(k, price=1) for k in range(100))))
    newer = [table(*(row(k, price=2) for k in range(50, 100)))]

    class Replacing(LocalStore):
        """Replaces the file once, after the first reader has its bytes."""

        @contextmanager
        def open(self, uri: str, version: str, start: int = 0, end: int | None = None) -> Iterator[BinaryIO]:
            with super().open(uri, version, start, end) as stream:
                yield stream
                if newer:
                    desk.drop("a.csv", newer.pop())

    monkeypatch.setattr(Stores, "of", lambda _, uri: Replacing())
    desk.backfill()
    assert not newer
    assert desk.states() == {"a.csv": ["vanished", "loaded"]}
    assert desk.prices() == {str(k): "2" for k in range(50, 100)}


def test_a_half_written_file_waits_for_its_writer_and_is_loaded_once_whole(desk: Desk) -> None:
    lines = table(row(1), row(2, price="2.5"))
    path = desk.folder / "a.csv"
    with path.open("wb") as writer:
        writer.write(lines[:-12])
        writer.flush()
        desk.take(desk.sightings())
        assert desk.states() == {"a.csv": ["waiting"]}
        writer.write(lines[-12:])
    desk.backfill()
    assert desk.prices() == {"1": "10.5", "2": "2.5"}
    assert desk.states()["a.csv"][-1] == "loaded"


def test_a_file_of_no_bytes_is_loaded_as_empty_and_again_when_it_was_filled(desk: Desk) -> None:
    desk.drop("a.csv", b"")
    desk.backfill()
    assert desk.states() == {"a.csv": ["loaded"]}
    assert desk.count() == 0
    desk.drop("a.csv", table(row(1)))
    desk.backfill()
    assert desk.states() == {"a.csv": ["superseded", "loaded"]}
    assert desk.count() == 1


@pytest.mark.parametrize("on_overwrite", ["merge", "replace"])
def test_a_file_that_goes_back_to_its_first_content_is_that_again(desk: Desk, on_overwrite: str) -> None:
    desk.settings["on_overwrite"] = on_overwrite
    first, second = table(row(1, price=1)), table(row(1, price=2), row(2, price=2))
    for content, modified in ((first, YESTERDAY), (second, TODAY), (first, YESTERDAY)):
        desk.drop("a.csv", content, modified)
        desk.backfill()
    assert desk.states() == {"a.csv": ["loaded", "superseded"]}
    assert desk.prices() == ({"1": "1"} if on_overwrite == "replace" else {"1": "1", "2": "2"})


def test_an_older_modification_time_than_before_is_still_the_file_of_now(desk: Desk) -> None:
    desk.drop("a.csv", table(row(1, price=1)), TODAY)
    desk.backfill()
    desk.drop("a.csv", table(row(1, price=2), row(2)), YESTERDAY)
    desk.backfill()
    assert desk.prices()["1"] == "2"


@pytest.mark.parametrize("discovery", ["sweep", "listing"])
def test_a_file_dated_in_the_future_silences_no_other(desk: Desk, discovery: str) -> None:
    desk.settings["discovery"] = discovery
    desk.drop("future.csv", table(row(1)), YEAR_2099)
    desk.drop("trades-2099-06-01.csv", table(row(2)), YEAR_2099)
    desk.drop("old.csv", table(row(3)), YESTERDAY)
    desk.backfill()
    desk.drop("now.csv", table(row(4)))
    desk.backfill()
    assert desk.prices().keys() == {"1", "2", "3", "4"}


def test_names_that_say_that_they_are_no_trade_files_are_kept_as_ignored_with_the_reason(desk: Desk) -> None:
    names = ["a.csv.tmp", "_x.csv", ".x.csv", "b.csv.part"]
    for name in (*names, "good.csv"):
        desk.drop(name, table(row(name)))
    desk.backfill()
    assert desk.states() == {name: ["ignored"] for name in names} | {"good.csv": ["loaded"]}
    assert all("the name" in desk.reason(name) for name in names)
    assert desk.count() == 1


def test_columns_are_found_by_name_whatever_their_order(desk: Desk) -> None:
    names = HEADER.split(",")
    for number, order in enumerate((names, names[::-1], sorted(names))):
        cells = dict(zip(names, row(number, price="7.25").split(","), strict=True))
        desk.drop(f"{number}.csv", f"{','.join(order)}\n{','.join(cells[n] for n in order)}\n".encode())
    desk.backfill()
    assert desk.prices() == {"0": "7.25", "1": "7.25", "2": "7.25"}


def test_a_missing_key_column_quarantines_the_file_and_is_named(desk: Desk) -> None:
    desk.drop("a.csv", b"symbol,executed_at,side,price,quantity,currency\nACME,2026-01-05T12:00:00Z,B,1,1,USD\n")
    desk.drop("b.csv", table(row(1)))
    desk.backfill()
    assert desk.states() == {"a.csv": ["quarantined"], "b.csv": ["loaded"]}
    assert "trade_id" in desk.reason("a.csv")


def test_an_unknown_extra_column_is_kept_with_the_trade(desk: Desk) -> None:
    desk.drop("a.csv", f"{HEADER},condition\n{row(1)},late\n".encode())
    desk.backfill()
    assert desk.ask("SELECT attributes FROM tradewind.trades") == [({"condition": "late"},)]


BAD_LINES = {
    "too short": (b"2,ACME,2026-01-05T12:00:00Z,B,1", None, "5 fields where 7 are expected"),
    "too long": (row(2).encode() + b",more", None, "8 fields where 7 are expected"),
    "a bad price": (row(2, price="1.2.3").encode(), "price", "1.2.3"),
    "a price that is not a number": (row(2, price="NaN").encode(), "price", "NaN"),
    "a time before 1970": (row(2, at="1969-12-31T23:59:59Z").encode(), "executed_at", "1969"),
    "a time after 2262": (row(2, at="2999-01-01T00:00:00Z").encode(), "executed_at", "2999"),
    "a day that is none": (row(2, at="2026-02-30T00:00:00Z").encode(), "executed_at", "2026-02-30"),
    "an unknown side": (row(2).replace(",B,", ",Q,").encode(), "side", "Q"),
    "no id": (row("").encode(), "trade_id", ""),
    "NUL": (row("2\0").encode(), None, "NUL"),
    "invalid UTF-8": (b"2,AC\xffME" + row("").encode()[5:], None, "UTF-8"),
    "an open quote": (row('"2').encode(), None, "quote"),
}


@pytest.mark.parametrize("kind", BAD_LINES)
def test_a_bad_line_is_rejected_with_its_place_and_the_others_are_loaded(desk: Desk, kind: str) -> None:
    line, column, words = BAD_LINES[kind]
    desk.settings["max_rejects"] = "50%"
    desk.drop("a.csv", b"\n".join([HEADER.encode(), row(1).encode(), line, row(3).encode(), b""]))
    desk.backfill()
    assert desk.books("a.csv") == {"inserted": 2, "rejected": 1}
    ((place, named, reason),) = desk.rejects()
    assert (place, named) == (3, column)
    assert words in reason
    assert desk.prices().keys() == {"1", "3"}


def test_a_line_of_10_megabytes_is_read_whole(desk: Desk) -> None:
    long = "x" * 10_000_000
    desk.drop("a.csv", f"{HEADER},note\n{row(1)},short\n{row(2)},{long}\n{row(3)},short\n".encode())
    desk.backfill()
    assert desk.books("a.csv") == {"inserted": 3}
    assert desk.ask("SELECT length(attributes ->> 'note') FROM tradewind.trades WHERE trade_id = '2'") == [
        (10_000_000,)
    ]


def test_a_bad_line_of_10_megabytes_is_one_reject(desk: Desk) -> None:
    desk.settings["max_rejects"] = "50%"
    desk.drop("a.csv", table(row(1), row(2, price="x" * 10_000_000), row(3)))
    desk.backfill()
    assert desk.books("a.csv") == {"inserted": 2, "rejected": 1}
    assert [(line, column) for line, column, _ in desk.rejects()] == [(3, "price")]


def test_a_line_beyond_the_limit_quarantines_its_file_alone(desk: Desk) -> None:
    desk.drop("a.csv", table(row(1), row(2, price="1" * 17_000_000)))
    desk.drop("b.csv", table(row(3)))
    desk.backfill()
    assert desk.states() == {"a.csv": ["quarantined"], "b.csv": ["loaded"]}
    assert "16 MiB" in desk.reason("a.csv")


def test_a_price_of_40_digits_keeps_every_one(desk: Desk) -> None:
    price = "12345678901234567890.12345678901234567891"
    desk.drop("a.csv", table(row(1, price=price)))
    desk.backfill()
    assert desk.prices() == {"1": price}


def test_more_bad_lines_than_allowed_set_the_file_aside_with_nothing_of_it_loaded(desk: Desk) -> None:
    desk.drop("a.csv", table(row(1), row(2, price="bad"), row(3, price="bad")))
    desk.drop("b.csv", table(row(4), row(5, price="bad")))  # 1 % of two is rounded up to one
    desk.backfill()
    assert desk.states() == {"a.csv": ["quarantined"], "b.csv": ["loaded"]}
    assert "2 of 3 records rejected" in desk.reason("a.csv")
    assert desk.count() == 1


def test_the_same_file_under_two_names_is_booked_twice_and_loaded_once(desk: Desk) -> None:
    for name in ("a.csv", "b.csv"):
        desk.drop(name, table(row(1), row(2)), TODAY)
    desk.backfill()
    assert desk.count() == 2
    assert sorted(map(str, (desk.books("a.csv"), desk.books("b.csv")))) == ["{'duplicate': 2}", "{'inserted': 2}"]


def test_the_same_file_sent_later_under_another_name_changes_nothing(desk: Desk) -> None:
    desk.drop("a.csv", table(row(1), row(2)))
    desk.backfill()
    desk.drop("b.csv", table(row(1), row(2)))
    desk.backfill()
    assert desk.books("b.csv") == {"unchanged": 2}
    assert desk.count() == 2


def test_an_older_file_backfilled_after_a_newer_one_overwrites_nothing_of_it(desk: Desk) -> None:
    desk.drop("trades-2026-01-06.csv", table(row(1, price=2)), YESTERDAY)
    desk.backfill()
    desk.drop("trades-2026-01-05.csv", table(row(1, price=1), row(2, price=1)), TODAY)
    desk.backfill()
    assert desk.prices() == {"1": "2", "2": "1"}
    assert desk.books("trades-2026-01-05.csv") == {"inserted": 1, "stale": 1}


def test_a_newer_file_changes_the_trade_and_keeps_its_earlier_state(desk: Desk) -> None:
    for day, price in ((5, 1), (6, 2)):
        desk.drop(f"trades-2026-01-0{day}.csv", table(row(1, price=price)))
        desk.backfill()
    assert desk.prices() == {"1": "2"}
    assert desk.books("trades-2026-01-06.csv") == {"updated": 1}
    assert desk.ask("SELECT trade_id, trim_scale(price)::text, reason FROM tradewind.trade_revisions") == [
        ("1", "1", "updated")
    ]


def test_a_key_twice_in_a_file_with_other_values_sets_it_aside_and_equal_rows_are_duplicates(desk: Desk) -> None:
    desk.drop("a.csv", table(row(1, price=1), row(2), row(1, price=2), row(2)))
    desk.drop("b.csv", table(row(3), row(3)))
    desk.backfill()
    assert desk.states() == {"a.csv": ["quarantined"], "b.csv": ["loaded"]}
    assert "1 of ACME, DEMO-X, 2026-01-05 in lines 2 and 4 (price 1 and 2)" in desk.reason("a.csv")
    assert desk.books("b.csv") == {"inserted": 1, "duplicate": 1}


def test_equal_rows_of_one_file_are_separate_trades_and_the_same_ones_when_sent_again(desk: Desk) -> None:
    desk.settings["profile"] = "bitcoincharts"
    lines = b"1315922016,5.8,1\n" * 1696 + b"1315922024,5.83,3\n"
    desk.drop("bitstampUSD.csv", lines, YESTERDAY)
    desk.backfill()
    assert desk.count() == 1697
    desk.drop("again/bitstampUSD.csv", lines, TODAY)
    desk.backfill()
    assert desk.count() == 1697
    assert desk.ask("SELECT sum(unchanged)::int, sum(inserted)::int FROM tradewind.files") == [(1697, 1697)]


def test_a_row_that_a_new_version_no_longer_holds_is_withdrawn_where_content_is_the_key(desk: Desk) -> None:
    desk.settings["profile"] = "bitcoincharts"
    desk.drop("bitstampUSD.csv", b"1315922016,5.8,1\n" * 3 + b"1315922024,5.83,3\n", YESTERDAY)
    desk.backfill()
    desk.drop("bitstampUSD.csv", b"1315922016,5.8,1\n" * 2, TODAY)
    desk.backfill()
    assert desk.count() == 2


def test_an_empty_prefix_is_done_at_once(desk: Desk) -> None:
    assert desk.backfill().objects == 0
    assert desk.states() == {}


def test_a_prefix_that_does_not_exist_ends_with_2_and_is_named(desk: Desk) -> None:
    config = desk.state / "tradewind.toml"
    config.write_text(f'[feeds.x]\nsource = "{desk.folder}/nowhere"\nprofile = "demo-exchange"\n')
    ended = subprocess.run(
        [sys.executable, "-m", "cli_tool.run", "backfill", "x", "--config", str(config)],
        capture_output=True, text=True, check=False, timeout=100, cwd=Path(__file__).parents[2],
        env={**os.environ, "TRADEWIND_DATABASE_URL": desk.dsn},
    )  # fmt: skip
    assert ended.returncode == 2, ended.stderr
    assert f"{desk.folder}/nowhere" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("count", [3, 40])
def test_a_second_backfill_changes_nothing(desk: Desk, count: int) -> None:
    for n in range(count):
        desk.drop(f"{n:02}.csv", table(row(n), row(f"shared-{n % 3}", price=n)))
    desk.backfill()
    before = desk.everything()
    assert desk.backfill().missing == 0
    assert desk.everything() == before


def test_a_file_set_aside_for_its_rejects_names_the_first_line_in_the_ledger_and_in_the_log(
    desk: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    desk.settings["max_rejects"] = "1%"
    desk.drop("bad.csv", table(row(1), row(2), row(3, price="no"), row(4, price="nor this")))
    desk.backfill()
    ((reason,),) = desk.ask("SELECT reason FROM tradewind.files")
    assert reason.startswith("2 of 4 records rejected, more than max_rejects = 1%; ")
    assert re.search(r"files retry`; line 4: price: .*no", reason)
    assert reason in capfd.readouterr().out


def test_every_book_of_a_mixed_folder_balances_with_the_lines_on_disk(desk: Desk) -> None:
    desk.settings["max_rejects"] = 5
    contents = {
        "plain.csv": table(row(1), row(2)),
        "crlf.csv": table(row(3), row(4)).replace(b"\n", b"\r\n"),
        "bom.csv": b"\xef\xbb\xbf" + table(row(5)),
        "unended.csv": table(row(6), row(7))[:-1],
        "header-only.csv": table(),
        "blank-lines.csv": table(row(8), "", "", row(9), ""),
        "rejects.csv": table(row(10), "short", row(11, price="no")),
        "quoted.csv": table(row('"12"')),
    }
    for name, content in contents.items():
        desk.drop(name, content)
    desk.drop("packed.csv.gz", gzip.compress(table(row(13))))
    desk.backfill()
    lines = dict(desk.ask("SELECT substring(uri FROM '[^/]+$'), lines FROM tradewind.files"))
    expected = {name: content.count(b"\n") + (content[-1:] != b"\n") for name, content in contents.items()}
    assert lines == expected | {"packed.csv.gz": 2}
    assert set(map(tuple, desk.states().values())) == {("loaded",)}
    assert desk.prices().keys() == {str(n) for n in range(1, 14) if n != 11}
