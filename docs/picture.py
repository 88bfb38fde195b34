"""`make picture`: docs/terminal.svg, the demo's own screen with what a real run of it showed.

The run goes into a temporary folder. The picture names no host: whoever looks at it has fonts of his own.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from psycopg2.extras import RealDictCursor
from rich.console import Console

from cli_tool import wiring
from cli_tool.demo_screen import counts, tell_books
from sinks import embedded
from sinks.queries import query
from streaming.settings import load

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "terminal.svg"
SECONDS = 15
WIDTH = 92  # signs in a line
_FONTS = 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace'
Rows = Sequence[dict[str, Any]]


def main() -> None:
    """Run the demo, look at it while it runs, and draw."""
    with TemporaryDirectory(prefix="tradewind-picture-") as place:
        folder = Path(place, "demo")
        command = [sys.executable, str(ROOT / "cli_tool" / "run.py"), "demo", "--duration", str(SECONDS)]
        try:
            with subprocess.Popen([*command, "--folder", str(folder)], stdout=subprocess.DEVNULL) as running:
                live = _watched(running, folder)
            if running.returncode:
                sys.exit(f"the demo failed with exit code {running.returncode}; see what it said above")
            if any(row["owed"] for row in _asked(folder, "ledger", "summary")):
                sys.exit("the demo did not end with all files loaded: this machine has too much to do; try again later")
            PICTURE.write_text(drawn(live, _asked(folder, "demo", "books")), encoding="utf-8")
        finally:
            embedded.leave(folder / "state")  # before the folder goes


def drawn(live: Rows, books: Rows) -> str:
    """The SVG of the live table and of the books under it."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print("$ make demo\n", highlight=False)
    console.print(counts(live))
    tell_books(console, books)
    return _without_hosts(console.export_svg(title="tradewind demo", unique_id="demo"))


def _without_hosts(svg: str) -> str:
    """Without the fonts that Rich would have fetched, and the address in its comment."""
    plain = re.sub(r"@font-face \{.*?\}\s*|<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    fonts = re.sub(r"font-family: (?:Fira Code, monospace|arial)", f"font-family: {_FONTS}", plain)
    # Some programs strip the spaces that put numbers to the right.
    return fonts.replace('<g class="demo-matrix">', '<g class="demo-matrix" xml:space="preserve">')


def _watched(running: subprocess.Popen[bytes], folder: Path) -> Rows:
    """The newest look at which files had just come."""
    seen: Rows = ()
    while running.poll() is None:
        # Its first file is sent when everything is up.
        if (folder / "sent.jsonl").exists():
            now = _asked(folder, "ledger", "summary")
            seen = now if _files(now) > _files(seen) else seen
        try:
            running.wait(timeout=1)
        except subprocess.TimeoutExpired:
            continue
    return seen


def _files(rows: Rows) -> int:
    return sum(row["files"] for row in rows)


def _asked(folder: Path, file: str, block: str) -> Rows:
    settings = load(folder / "tradewind.toml", environ={})
    with wiring.connected(settings) as connection, connection.cursor(cursor_factory=RealDictCursor) as cursor:
        cursor.execute(query(file, block))
        return [dict(row) for row in cursor.fetchall()]


if __name__ == "__main__":
    main()
