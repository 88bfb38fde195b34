"""Load a few files into a database of this version and dump it."""

import os
import re
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from sinks import embedded, migrate
from tests.acceptance.desk import Desk, row, table

HERE = Path(__file__).parent
#: A dump of the oldest server that is supported is read by all of them.
VERSION = 16
#: Settings of a session and psql's own commands, which a restore through a driver can do without.
_SESSION = re.compile(r"^(?:SET (?!check_function_bodies).*|SELECT pg_catalog\.set_config.*|\\.*|--.*)\n", re.MULTILINE)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tradewind-dump-") as name:
        folder = Path(name)
        dsn = embedded.dsn(embedded.EMBEDDED, folder, VERSION)
        try:
            version = migrate.migrate(dsn)
            _load(folder, dsn)
            (HERE / f"{version}.sql").write_text(_dumped(dsn).replace(name, "/data"))
        finally:
            embedded.leave(folder)


def _load(folder: Path, dsn: str) -> None:
    """New, changed, repeated and bad lines, a superseded file and a quarantined one."""
    (folder / "in").mkdir()
    desk = Desk(folder / "in", folder, dsn, None, {"complete": "rename", "max_rejects": "50%"})
    desk.drop("a.csv", table(row(1), row(2, price="9.75"), row(2, price="9.75"), row(3, at="never")), 1_767_600_000)
    desk.drop("b.csv", b"no header of ours\n", 1_767_600_000)
    desk.take(desk.sightings())
    desk.drop("a.csv", table(row(1, price="11"), row(4, at="2026-02-05T12:00:00Z")), 1_767_700_000)
    desk.take(desk.sightings())
    desk.run("UPDATE tradewind.runs SET host = 'host'")


def _dumped(dsn: str) -> str:
    place = urlsplit(dsn)
    command = [
        str(embedded.binaries(VERSION) / "pg_dump"), "--no-owner", "--no-privileges", "--inserts",
        "--host", parse_qs(place.query)["host"][0], "--username", str(place.username), place.path.lstrip("/"),
    ]  # fmt: skip
    dumped = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "TZ": "UTC"}).stdout
    return re.sub(r"\n{3,}", "\n\n", _SESSION.sub("", dumped)).lstrip()


if __name__ == "__main__":
    main()
