"""`python -m benchmarks`: runs the scenarios, prints their table and, with --write, keeps it in docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks import report
from benchmarks.line import Line
from benchmarks.rig import Rig
from benchmarks.scenarios import SCENARIOS, WITHOUT_SPARK


def main(arguments: list[str] | None = None) -> None:
    chosen = _parser().parse_args(arguments)
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(prefix="tradewind-bench-", dir=chosen.dir) as folder:
        rig = Rig(Path(folder), chosen.scale)
        Path(folder).chmod(0o755)  # the embedded server may run as another user
        try:
            names = chosen.only or list(SCENARIOS)
            if not WITHOUT_SPARK.issuperset(names):
                rig.warm()
            for name in names:
                print(f"{name} …", file=sys.stderr, flush=True)
                lines += SCENARIOS[name](rig)
                print(report.tables(rig, lines), flush=True)
        finally:
            rig.close()
    if chosen.write:
        report.write(rig, lines, sys.argv[1:] if arguments is None else arguments, chosen.only)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=SCENARIOS, help="this scenario; may be given again")
    parser.add_argument("--scale", type=float, default=1.0, help="shrinks every count: 0.1 for a tenth")
    parser.add_argument("--dir", type=_folder, help="where files and database go (about 20 GB at full scale)")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    return parser


def _folder(place: str) -> Path:
    Path(place).mkdir(parents=True, exist_ok=True)
    return Path(place)
