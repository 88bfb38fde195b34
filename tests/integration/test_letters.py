"""Messages that nobody could read are kept once, with every byte, and can be listed, shown and dropped."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli_tool.run import main
from sinks import letters, retention
from sinks.errors import SinkError
from tests.integration.loading import Desk

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BODY = bytes(range(256))


@pytest.fixture
def kept(desk: Desk) -> Iterator[Desk]:
    desk.ask("TRUNCATE tradewind.dead_letters")
    yield desk
    desk.ask("TRUNCATE tradewind.dead_letters")


def letter(message: str = "m1", body: bytes = BODY, **more: Any) -> dict[str, Any]:
    return {
        "queue": "q", "message_id": message, "body": body, "reason": "not JSON", "deliveries": 1, "received_at": AT,
    } | more  # fmt: skip


def keep(desk: Desk, *them: dict[str, Any]) -> list[int]:
    letters.keep(desk.connection, them)
    return [row["letter_id"] for row in letters.listed(desk.connection)]


def test_a_letter_is_kept_with_every_byte(kept: Desk) -> None:
    [number] = keep(kept, letter())
    [row] = letters.shown(kept.connection, [number])
    assert row == letter() | {"letter_id": number, "bytes": 256}


def test_a_redelivery_is_the_same_letter_and_tells_how_often_it_came(kept: Desk) -> None:
    keep(kept, letter(deliveries=2))
    keep(kept, letter(deliveries=3), letter(deliveries=1))
    assert [row["deliveries"] for row in letters.listed(kept.connection)] == [3]


def test_another_message_under_a_number_used_before_is_another_letter(kept: Desk) -> None:
    assert len(keep(kept, letter("1", b"a"), letter("1", b"b"), letter("1", b"a", queue="p"))) == 3
    assert len(letters.listed(kept.connection, "q")) == 2


def test_of_letters_that_cannot_all_be_kept_none_is(kept: Desk) -> None:
    with pytest.raises(SinkError):
        letters.keep(kept.connection, [letter("1"), letter("2", deliveries=None)])
    assert letters.listed(kept.connection) == []


def test_a_reason_may_quote_what_no_text_can_hold(kept: Desk) -> None:
    keep(kept, letter(reason="at \0 and \ud800"))
    assert [row["reason"] for row in letters.listed(kept.connection)] == ["at \\0 and \\ud800"]


def test_old_letters_go_with_the_retention(kept: Desk) -> None:
    now = datetime.now(UTC)
    keep(kept, letter("old", received_at=now - timedelta(days=91)), letter("young", received_at=now))
    age = timedelta(days=90)
    removed = {row["table"]: row["removed"] for row in retention.prune(kept.connection, age, age, age, age)}
    assert removed["letters"] == 1
    assert [row["message_id"] for row in letters.listed(kept.connection)] == ["young"]


def run(desk: Desk, tmp_path: Path, *arguments: str) -> int:
    config = tmp_path / "tradewind.toml"
    config.write_text(f"[database]\nurl = {json.dumps(desk.dsn)}\n")
    return main(["--config", str(config), "letters", *arguments])


def test_the_command_lists_shows_and_drops(kept: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = keep(kept, letter("1", b"no [red]JSON"), letter("2"))
    assert run(kept, tmp_path, "list") == 0
    assert "not JSON" in capsys.readouterr().out
    assert run(kept, tmp_path, "show", "--json", str(first), str(second)) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["encoding"], one["body"][:12]) for one in told] == [
        ("utf-8", "no [red]JSON"),
        ("base64", "AAECAwQFBgcI"),
    ]
    assert run(kept, tmp_path, "show", str(first)) == 0
    assert "no [red]JSON" in capsys.readouterr().out
    assert run(kept, tmp_path, "drop", str(first)) == 0
    assert [row["letter_id"] for row in letters.listed(kept.connection)] == [second]


def test_a_number_that_no_letter_has_is_told(kept: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(kept, tmp_path, "drop", "999999999") == 1
    assert "letters list" in capsys.readouterr().err
    assert run(kept, tmp_path, "list") == 0
    assert "all could be read" in capsys.readouterr().out
