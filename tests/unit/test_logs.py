"""The log: one line an event, with fields, in UTC, without passwords."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from cli_tool import logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield io.StringIO()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()


def test_off_a_terminal_an_event_is_one_json_object(stream: io.StringIO) -> None:
    logs.configure(stream=stream)
    structlog.get_logger().info("Merged a batch", feed="spot", rows=3)
    event = json.loads(stream.getvalue())
    assert event["event"] == "Merged a batch"
    assert (event["feed"], event["rows"], event["level"]) == ("spot", 3, "info")
    assert event["timestamp"].endswith("Z")


def test_passwords_are_blotted_out_everywhere(stream: io.StringIO) -> None:
    logs.configure(stream=stream)
    try:
        raise ValueError("connecting to postgresql://me:secret@db/t failed")
    except ValueError:
        structlog.get_logger().exception("Lost postgres://me:secret@db", dsn="host=db password=secret")
    logging.getLogger("driver").warning("at %s", "postgresql://me:secret@db/t")
    assert "secret" not in stream.getvalue()
    assert [line.count("***") > 0 for line in stream.getvalue().splitlines()] == [True, True]


def test_debug_is_for_those_who_ask(stream: io.StringIO) -> None:
    logs.configure(stream=stream)
    structlog.get_logger().debug("small things")
    assert stream.getvalue() == ""
    logs.configure(verbose=True, stream=stream)
    structlog.get_logger().debug("small things")
    assert "small things" in stream.getvalue()


def test_a_clouds_client_does_not_tell_of_each_request(stream: io.StringIO) -> None:
    logs.configure(stream=stream)
    logging.getLogger("azure.core.pipeline.policies.http_logging_policy").info("Request URL: …")
    logging.getLogger("azure.identity").warning("No credential was found")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["No credential was found"]
