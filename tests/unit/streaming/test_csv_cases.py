"""Public collections of odd CSV files: our dialect must cut them into the fields that their authors expect."""

import csv
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from streaming.profiles.profile import Profile
from tests.unit.streaming.conftest import Read, Reader

SPECTRUM = [
    "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "location_coordinates", "newlines",
    "newlines_crlf", "quotes_and_newlines", "simple", "simple_crlf", "utf8",
]  # fmt: skip
SPOOLDIR = [
    "BlankLines", "DataHasMoreFields", "FieldsMatch", "FileModeFieldFieldsMatch", "SchemaHasMoreFields",
    "SourceOffset", "WithHeaderSkipLines", "WithoutHeader",
]  # fmt: skip
USER = [
    "id", "first_name", "last_name", "email", "gender", "ip_address", "last_login", "account_balance", "country",
    "favorite_color",
]  # fmt: skip
#: A profile needs trades' rules; these give every row constants and keep the file's own columns as they are.
FIXED: dict[str, Any] = {
    "symbol": {"const": "s"},
    "venue": {"const": "v"},
    "event_time": {"const": "2026-01-01T00:00:00Z"},
    "price": {"const": "1"},
    "quantity": {"const": "1"},
}


def fields(read: Reader, data: bytes, **dialect: Any) -> tuple[list[dict[str, str]], Read]:
    """The fields of each record by name, and all else that came of the file."""
    profile = Profile.model_validate(
        {"name": "odd", "version": "1", "dialect": dialect, "columns": FIXED, "identity": {"kind": "content"}}
    )
    done = read(data, profile)
    return [json.loads(trade["attributes"]) for trade in done.trades], done


def test_the_lists_hold_every_file(cases: Path) -> None:
    assert {path.stem for path in (cases / "csv" / "csv-spectrum" / "csvs").glob("*.csv")} == set(SPECTRUM)
    assert {path.stem for path in (cases / "csv" / "kafka-connect-spooldir").glob("*.data")} == set(SPOOLDIR)


@pytest.mark.parametrize("name", SPECTRUM)
def test_csv_spectrum_is_cut_into_the_right_fields(cases: Path, read: Reader, name: str) -> None:
    folder = cases / "csv" / "csv-spectrum"
    expected = json.loads((folder / "json" / f"{name}.json").read_text("utf-8"))
    expected = expected if isinstance(expected, list) else [expected]
    path = folder / "csvs" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        independent = list(csv.DictReader(stream))
    rows, done = fields(read, path.read_bytes(), newlines_in_values=True)
    # A value that is empty is kept by leaving it out.
    rows = [{column: row.get(column, "") for column in independent[0]} for row in rows]
    assert rows == independent
    if name == "location_coordinates":  # the number was made anonymous in the JSON only
        expected[0]["Contact Phone Number"] = independent[0]["Contact Phone Number"]
    assert rows == expected
    assert done.reasons == []


@pytest.mark.parametrize("name", SPOOLDIR)
def test_kafkas_spool_directory_gives_the_records_it_must(cases: Path, read: Reader, name: str) -> None:
    folder = cases / "csv" / "kafka-connect-spooldir"
    case = json.loads((folder / f"{name}.json").read_text("utf-8"))
    expected = [
        {field["name"]: field.get("storage") for field in record["value"]["fieldValues"]} for record in case["expected"]
    ]
    dialect: dict[str, Any] = {"preamble": int(case["settings"].get("csv.skip.lines", 0))}
    if case["settings"]["csv.first.row.as.header"] == "false":
        dialect |= {"header": False, "columns": USER}
    rows, done = fields(read, (folder / f"{name}.data").read_bytes(), **dialect)
    first = case["offset"].get("offset", 1)  # their reader went on from a place; ours reads whole files
    assert [as_told(row) for row in rows[first - 1 :]] == expected
    assert done.reasons == []


def as_told(row: dict[str, str]) -> dict[str, Any]:
    """The fields under the types of the case: numbers, milliseconds, and null for nothing."""
    values: dict[str, Any] = {name: row.get(name) or None for name in USER}
    login = values["last_login"]
    moment = datetime.fromisoformat(login.replace("Z", "+00:00")) if login else None
    return values | {
        "id": int(row["id"]),
        "account_balance": float(Decimal(row["account_balance"])),
        "last_login": int(moment.timestamp() * 1000) if moment else None,
    }
