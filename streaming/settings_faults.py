"""Says what is wrong with a configuration file: file, line and key, and what is allowed there."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from streaming.errors import SettingsError

Location = tuple[int | str, ...]


def parsed(text: str, path: Path) -> dict[str, Any]:
    """The file's tables. Raises SettingsError with line and column when it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from None


def refuse_passwords(data: Mapping[str, Any], text: str, path: Path) -> None:
    """Raises SettingsError when the file holds a password: files are copied, committed and mailed."""
    database = data.get("database")
    for key in ("url", "direct_url"):
        url = database.get(key) if isinstance(database, dict) else None
        if isinstance(url, str) and "://" in url and (urlsplit(url).password or "password=" in url):
            raise SettingsError(
                f"{_place(text, path, ('database', key))}: database.{key} holds a password. Keep it in "
                "database.password_file, in PGPASSWORD, or give the whole address in TRADEWIND_DATABASE_URL."
            )


def described(error: ValidationError, model: type[BaseModel], text: str, path: Path) -> str:
    """One line for each fault."""
    return "\n".join(_line(fault, model, text, path) for fault in error.errors(include_url=False))


def _line(fault: ErrorDetails, model: type[BaseModel], text: str, path: Path) -> str:
    where = tuple(part for part in fault["loc"] if part != "[key]")
    key = ".".join(map(str, where)) or "the file"
    return f"{_place(text, path, where)}: {key} {_reason(fault, where, model)}"


def _reason(fault: ErrorDetails, where: Location, model: type[BaseModel]) -> str:
    match fault["type"]:
        case "extra_forbidden":
            return _unknown(str(where[-1]), sorted(_table_at(model, where[:-1])))
        case "missing":
            return "is missing"
        case "literal_error":
            expected = fault["ctx"]["expected"]
            close = _did_you_mean(fault["input"], re.findall(r"'(.+?)'", expected))
            return f"is {expected}, not {fault['input']!r}{close}"
        case "value_error":
            return str(fault["ctx"]["error"])
        case "string_pattern_mismatch" if where[0] == "jobs" and fault["loc"][-1] == "[key]":
            return "is a name of small letters, digits and -, at most 52, beginning with a letter"
        case "string_pattern_mismatch" if where[0] == "jobs":
            return f"has the form {fault['ctx']['pattern']}, which {fault['input']!r} has not"
        case "string_pattern_mismatch":
            return "is a name of letters, digits, - and _, at most 63, beginning with a letter or digit"
        case _:
            return f"{fault['msg'][0].lower()}{fault['msg'][1:]}, not {fault['input']!r}"


def _unknown(key: str, allowed: list[str]) -> str:
    return f"is unknown{_did_you_mean(key, allowed)}; allowed are {', '.join(allowed)}"


def _did_you_mean(given: object, allowed: list[str]) -> str:
    close = difflib.get_close_matches(str(given), allowed, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _table_at(model: type[BaseModel], where: Location) -> Mapping[str, Any]:
    """The fields of the table at a location; a feed's own name is passed over."""
    for part in where:
        if field := _fields(model).get(str(part)):
            model = next(_models(field.annotation), model)
    return _fields(model)


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """By the names that stand in the file."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def _place(text: str, path: Path, where: Location) -> str:
    line = line_of(text, where)
    return f"{path}:{line}" if line else str(path)


def line_of(text: str, where: Location) -> int | None:
    """The line (from 1) of the longest part of a key's path that stands in the file; None when none does."""
    wanted = [str(part) for part in where]
    best: tuple[int, int | None] = (0, None)
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[+([^\]]+)\]", line):
            table = _keys(header[1])
            found = table
        elif pair := re.match(r"\s*([\w.\"'-]+)\s*=", line):
            found = table + _keys(pair[1])
        else:
            continue
        if found == wanted[: len(found)] and len(found) > best[0]:
            best = (len(found), number)
    return best[1]


def _keys(dotted: str) -> list[str]:
    return [part[0] or part[1] or part[2] for part in re.findall(r"\"([^\"]*)\"|'([^']*)'|([\w-]+)", dotted)]
