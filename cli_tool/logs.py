"""The program's log: sentences with fields, on stderr, times in UTC; no password ever reaches it."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

_PASSWORD = re.compile(r"(postgres(?:ql)?://[^:/@\s]*:)[^@\s]+@|(password=)('[^']*'|\S+)")


def configure(verbose: bool = False, stream: TextIO | None = None, as_json: bool | None = None) -> None:
    """Sets up structlog and the standard library's logging alike.

    Colours and columns on a terminal; elsewhere, or with `as_json`, one JSON object a line.
    """
    stream = stream or sys.stderr
    as_json = not stream.isatty() if as_json is None else as_json
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    _route_standard_logging(stream, shared, _rendering(as_json), verbose)


def without_passwords(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blots out the password of every database address in an event's texts, tracebacks included."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = blotted(value)
    return event


def blotted(text: str) -> str:
    return _PASSWORD.sub(lambda found: f"{found[1]}***@" if found[1] else f"{found[2]}***", text)


def _rendering(as_json: bool) -> list[structlog.typing.Processor]:
    if as_json:
        renderer: structlog.typing.Processor = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    else:
        renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return [structlog.processors.format_exc_info, without_passwords, renderer]


def _route_standard_logging(
    stream: TextIO,
    shared: list[structlog.typing.Processor],
    rendering: list[structlog.typing.Processor],
    verbose: bool,
) -> None:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    # Some of what py4j says it says as the root: the same errors.
    handler.addFilter(lambda record: verbose or record.module != "java_gateway")
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.DEBUG if verbose else logging.INFO)
    for chatty in ("alembic", "azure", "boto3", "botocore", "google", "watchfiles", "pyspark"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # An error of a batch comes back as the query's and is told then, once.
    logging.getLogger("py4j").setLevel(logging.WARNING if verbose else logging.CRITICAL)
