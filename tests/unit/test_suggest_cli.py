"""`tradewind suggest`: what it says, what it writes, how it ends."""

import json
from pathlib import Path

import pytest

from cli_tool import outcome, run
from streaming.profiles.profile import Profile

TEXT = "TradeID;Time;Ticker;Side;Price;Qty\n"
TEXT += "A1;2026-03-02T09:30:00Z;AAPL;Buy;189.50;100\nA2;2026-03-02T09:30:01Z;AAPL;Sell;2;5\n"


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_proposal_is_written_and_loads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "acme.csv").write_text(TEXT)
    assert run.main(["suggest", "acme.csv", "--out", "acme.toml"]) == outcome.DONE
    told = capsys.readouterr().out
    assert "2 would land, 0 be rejected" in told
    assert "name the venue" in told
    assert Profile.load(tmp_path / "acme.toml").name == "acme"
    assert run.main(["profiles", "test", "acme.csv", "--profile", "acme.toml"]) == outcome.DONE


def test_what_is_there_already_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "acme.csv").write_text(TEXT)
    (tmp_path / "acme.toml").write_text("mine")
    assert run.main(["suggest", "acme.csv", "--out", "acme.toml"]) == outcome.USAGE
    assert (tmp_path / "acme.toml").read_text() == "mine"
    assert "exists already" in capsys.readouterr().err


def test_as_json_it_is_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "acme.csv").write_text(TEXT)
    assert run.main(["suggest", "acme.csv", "--json"]) == outcome.DONE
    told = json.loads(capsys.readouterr().out)
    assert (told["known"], told["trades"], told["rejected"]) == (None, 2, 0)
    assert told["questions"]
    assert told["rows"][0]["trade_id"] == "A1"


def test_a_known_layout_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bitstampUSD.csv").write_text("1315922016,5.8,1.0\n1315922024,5.83,3\n")
    assert run.main(["suggest", "bitstampUSD.csv"]) == outcome.DONE
    assert 'profile = "bitcoincharts"' in capsys.readouterr().out


def test_a_known_layout_in_which_many_records_are_rejected_is_asked_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for bad, certain in ((4, True), (5, False)):
        lines = ["1315922016,5.8,1.0\n"] * (40 - bad) + ["1315922016,much,1.0\n"] * bad
        (tmp_path / "bitstampUSD.csv").write_text("".join(lines))
        assert run.main(["suggest", "bitstampUSD.csv"]) == outcome.DONE
        first = capsys.readouterr().out.splitlines()[0]
        assert first.startswith(
            'profile = "bitcoincharts"'
            if certain
            else "looks like bitcoincharts, but 5 of 40 records are rejected: price"
        )
        assert run.main(["suggest", "bitstampUSD.csv", "--json"]) == outcome.DONE
        told = json.loads(capsys.readouterr().out)
        assert (told["known"], told["certain"]) == ("bitcoincharts", certain)
        assert any(question.endswith("is it this layout?") for question in told["questions"]) != certain


def test_of_a_few_records_a_known_layout_is_told_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bitstampUSD.csv").write_text("1315922016,5.8,1.0\n" * 8 + "1315922016,much,1.0\n")
    assert run.main(["suggest", "bitstampUSD.csv"]) == outcome.DONE
    assert capsys.readouterr().out.startswith('profile = "bitcoincharts"')


def test_what_is_no_table_of_trades_fails_and_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("just words\nand more\n")
    assert run.main(["suggest", "a.csv"]) == outcome.FAILED
    assert "no delimiter" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["suggest", "none.csv"]) == outcome.USAGE
    assert "there is no file" in capsys.readouterr().err
