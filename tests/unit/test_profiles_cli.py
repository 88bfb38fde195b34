"""`tradewind profiles`: what comes along, how it is written, and a file tried without loading it."""

import json
import zipfile
from pathlib import Path

import pytest

from cli_tool import outcome, run
from streaming.profiles import catalogue

GOOD = (
    "trade_id,symbol,executed_at,side,price,quantity,currency\n"
    "t1,AAPL,2026-03-02T09:30:00.123456789Z,B,1.50,2,USD\n"
    "t2,AAPL,2026-03-02T09:30:01Z,S,1.51,3,USD\n"
)


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_list_names_every_layout_with_its_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["profiles", "list", "--json"]) == outcome.DONE
    rows = [json.loads(line) for line in said(capsys).splitlines()]
    assert [row["name"] for row in rows] == catalogue.names()
    assert all(row["description"] for row in rows)


def test_show_prints_the_layout_as_it_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["profiles", "show", "bitcoincharts"]) == outcome.DONE
    assert said(capsys) == (catalogue.LAYOUTS / "bitcoincharts.toml").read_text("utf-8")
    assert run.main(["profiles", "show", "bitcoincharts", "--json"]) == outcome.DONE
    told = json.loads(said(capsys))
    assert (told["name"], told["identity"]["scope"], told["dialect"]["newlines_in_values"]) == (
        "bitcoincharts",
        "across",
        False,
    )


def test_show_of_an_unknown_layout_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["profiles", "show", "binance"]) == outcome.USAGE
    said = capsys.readouterr().err
    assert 'no layout is called "binance" (did you mean binance-' in said
    assert run.main(["profiles", "show", "bitcoinchart"]) == outcome.USAGE
    assert "(did you mean bitcoincharts?)" in capsys.readouterr().err


def test_test_shows_books_and_the_first_rows_as_they_would_land(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text(GOOD)
    assert run.main(["profiles", "test", "a.csv", "--profile", "demo-exchange"]) == outcome.DONE
    told = said(capsys)
    assert "3 lines, 2 records: 2 trades" in told
    assert "2026-03-02T09:30:00.123456789Z" in told


def test_test_as_json_has_every_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text(GOOD)
    assert run.main(["profiles", "test", "a.csv", "--profile", "demo-exchange", "--json"]) == outcome.DONE
    told = json.loads(said(capsys))
    assert (told["records"], told["trades"], told["rejected"], told["ignored"], told["problem"]) == (2, 2, 0, 0, None)
    assert told["rows"][0] == {
        "line": 2, "action": "new", "event_time": "2026-03-02T09:30:00.123456789Z", "trade_id": "t1",
        "symbol": "AAPL", "venue": "DEMO-X", "trade_date": "2026-03-02", "side": "buy", "price": "1.50",
        "quantity": "2", "currency": "USD",
    }  # fmt: skip


def test_rejects_are_shown_and_counted_by_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text(GOOD + "".join(f"t{n},AAPL,2026-03-02T09:30:00Z,X{n},1,1,USD\n" for n in (3, 4)))
    assert run.main(["profiles", "test", "a.csv", "--profile", "demo-exchange"]) == outcome.QUARANTINED
    told = said(capsys)
    assert "2 rejected: side …" in told
    assert 'side "X3" is not in the profile' in told
    assert "would be set aside: 2 of 4 records rejected" in told


def test_a_file_that_no_layout_of_that_kind_has_is_told_as_it_would_be_set_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    assert run.main(["profiles", "test", "a.csv", "--profile", "demo-exchange"]) == outcome.QUARANTINED
    assert "would be set aside: the header has no column" in said(capsys)


def test_the_members_of_a_zip_are_tried_one_by_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("one.csv", GOOD)
        archive.writestr("two.csv", "a,b\n1,2\n")
    assert run.main(["profiles", "test", "a.zip", "--profile", "demo-exchange", "--json"]) == outcome.QUARANTINED
    one, two = (json.loads(line) for line in said(capsys).splitlines())
    assert (one["uri"][-13:], one["trades"], one["problem"]) == ("a.zip!one.csv", 2, None)
    assert "the header has no column" in two["problem"]
    assert run.main(["profiles", "test", "a.zip!one.csv", "--profile", "demo-exchange"]) == outcome.DONE


def test_a_damaged_zip_is_told_as_it_would_be_set_aside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 and no more")
    assert run.main(["profiles", "test", "a.zip", "--profile", "demo-exchange"]) == outcome.QUARANTINED
    assert "would be set aside" in said(capsys)


def test_single_settings_can_be_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text(GOOD.replace(",", ";"))
    tried = ["profiles", "test", "a.csv", "--profile", "demo-exchange", "--override", 'dialect.delimiter=";"']
    assert run.main([*tried, "--value", "venue=MINE"]) == outcome.DONE
    assert "MINE" in said(capsys)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["none.csv", "--profile", "demo-exchange"], "there is no file none.csv"),
        (["a.csv", "--profile", "demo"], "no layout is called"),
        (["a.csv", "--profile", "demo-exchange", "--override", "columns.prise=1"], "columns.prise"),
        (["a.csv", "--profile", "demo-exchange", "--value", "venue"], "is not KEY=VALUE"),
        (["a.csv"], "tradewind.toml does not exist"),
    ],
)
def test_wrong_usage_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    (tmp_path / "a.csv").write_text(GOOD)
    assert run.main(["profiles", "test", *arguments]) == outcome.USAGE
    assert says in capsys.readouterr().err


def test_the_feed_whose_source_covers_the_file_gives_the_profile(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text(GOOD)
    feed = '[feeds.x]\nsource = "in/"\nprofile = "demo-exchange"\nvalues = { venue = "FEED" }\n'
    (tmp_path / "tradewind.toml").write_text(feed)
    assert run.main(["profiles", "test", "in/a.csv"]) == outcome.DONE
    assert "FEED" in said(capsys)
