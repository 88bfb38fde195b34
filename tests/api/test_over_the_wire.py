"""`tradewind serve` as it is met over a socket: what it refuses to be, and what it refuses to read."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from api.access.headers import DATA_POLICY
from api.app import MAX_BODY
from api.serve import check_address
from cli_tool import outcome, run
from sinks.tokens import Role
from streaming.settings import Settings
from tests.api.internet import Signer, s3_records, sns_message
from tests.api.ledger import ask, feed, files, trades

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds
TOPICS = '[hooks.aws-sns]\ntopics = ["arn:aws:sns:eu-west-1:123456789012:trades"]\n'


@pytest.fixture(scope="module")
def port(dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("served")
    (folder / "tradewind.toml").write_text(f"[api]\nport = 0\n{TOPICS}")
    process = subprocess.Popen(
        [sys.executable, "-m", "cli_tool.run", "serve", "--config", str(folder / "tradewind.toml")],
        cwd=ROOT, stderr=subprocess.PIPE, text=True, env={**os.environ, "TRADEWIND_DATABASE_URL": dsn},
    )  # fmt: skip
    assert process.stderr
    said = threading.Thread(target=process.stderr.read)
    try:
        served = next(line for line in process.stderr if "Serving" in line)
        said.start()  # so that it is never kept from writing
        yield int(urlsplit(json.loads(served)["address"]).port or 0)
    finally:
        process.terminate()
        process.wait(PATIENCE)
        said.join(PATIENCE)
        process.stderr.close()


@pytest.fixture
def served(port: int) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    yield connection
    connection.close()


def chunks(size: int) -> Iterator[bytes]:
    for _ in range(size >> 16):
        yield b" " * (1 << 16)


def problem(answer: http.client.HTTPResponse) -> dict[str, Any]:
    assert answer.getheader("Content-Type") == "application/problem+json"
    assert answer.getheader("Content-Security-Policy") == DATA_POLICY
    told: dict[str, Any] = json.loads(answer.read())
    assert told["status"] == answer.status
    return told


def test_a_download_that_fails_half_way_breaks_off(
    served: http.client.HTTPConnection, dsn: str, token_of: Callable[[Role], str]
) -> None:
    dataset = feed(dsn, "large")
    trades(dsn, dataset, files(dsn, "large", 1, "loaded")[0], 10_000, note="x" * 2000)  # more than sockets hold
    headers = {"Authorization": f"Bearer {token_of('viewer')}"}
    served.request("GET", "/api/v1/trades.csv?dataset=large&from=2026-01-05", headers=headers)
    answer = served.getresponse()
    assert answer.read(10) == b"trade_id,s"
    assert ask(dsn, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' "
        "AND datname = current_database() AND application_name = 'tradewind api'")  # fmt: skip
    with pytest.raises(http.client.IncompleteRead):
        answer.read()


@pytest.mark.parametrize("path", ["/api/v1/session", "/hooks/aws-sns"])
def test_a_body_in_chunks_has_a_limit_too(served: http.client.HTTPConnection, path: str) -> None:
    body = chunks(MAX_BODY + (1 << 16))
    served.request("POST", path, body, {"Content-Type": "application/json"}, encode_chunked=True)
    told = problem(served.getresponse())
    assert (told["status"], told["cure"]) == (413, "Send less."), told


@pytest.mark.parametrize("path", ["/api/v1/session", "/hooks/aws-sns"])
def test_a_body_whose_length_is_told_is_refused_before_it_is_read(port: int, path: str) -> None:
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        length = 10 * MAX_BODY
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}"
        connection.sendall(f"{head}\r\n\r\n".encode())  # and not a byte of it
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 413 ")


def test_nobody_unknown_has_a_body_read(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.sendall(b"DELETE /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n")
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 401 ")


def test_a_body_in_chunks_within_the_limit_is_read(
    served: http.client.HTTPConnection, token_of: Callable[[Role], str]
) -> None:
    body = iter([b'{"token": ', json.dumps(token_of("viewer")).encode(), b"}"])
    served.request("POST", "/api/v1/session", body, {"Content-Type": "application/json"}, encode_chunked=True)
    answer = served.getresponse()
    assert (answer.status, json.loads(answer.read())["role"]) == (200, "viewer")


def test_commands_to_copy_name_the_configuration_that_is_served(
    served: http.client.HTTPConnection, token_of: Callable[[Role], str]
) -> None:
    served.request("GET", "/api/v1/session", headers={"Authorization": f"Bearer {token_of('viewer')}"})
    program, option, config = json.loads(served.getresponse().read())["command"]
    assert (program, option) == ("tradewind", "--config")
    assert Path(config).is_absolute() and TOPICS in Path(config).read_text()


def test_a_forged_message_of_the_largest_size_is_refused_as_forged(served: http.client.HTTPConnection) -> None:
    message = Signer().signed(sns_message(s3_records("spot/a.csv"), TopicArn="arn:aws:sns:eu-west-1:1:other"))
    room = MAX_BODY - len(json.dumps(message)) - 2
    served.request("POST", "/hooks/aws-sns", json.dumps(message) + " " * room)
    assert "topics" in problem(served.getresponse())["detail"]


def test_a_foreign_name_gets_no_answer(served: http.client.HTTPConnection) -> None:
    served.request("GET", "/api/v1/session", headers={"Host": "evil.example"})
    answer = served.getresponse()
    assert (answer.status, problem(answer)["detail"]) == (421, "This API is not asked by that name.")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "desk.example.com", ""])
def test_it_does_not_start_where_tokens_would_pass_in_the_clear(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tradewind.toml").write_text("")
    assert run.main(["serve", "--host", host, "--port", "0"]) == outcome.USAGE
    told = capsys.readouterr().err
    assert "api.tls = true" in told
    (tmp_path / "tradewind.toml").write_text(f'[api]\nhost = "{host}"\n')
    assert run.main(["serve"]) == outcome.USAGE
    assert not (tmp_path / "state").exists()  # no database was made for it


def test_a_container_that_only_this_machine_reaches_says_so() -> None:
    check_address(Settings.model_validate({"api": {"host": "0.0.0.0", "private": True}}))


def test_it_does_not_start_with_a_hook_that_anybody_could_call(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", dsn)
    (tmp_path / "tradewind.toml").write_text("[hooks.azure-event-grid]\n")
    assert run.main(["serve", "--port", "0"]) == outcome.USAGE
    assert "hooks.azure-event-grid needs secret_files" in capsys.readouterr().err
