"""`python -m benchmarks.serve MODULE [tells]`: a cloud's servers, asked line by line until no more lines come."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.cloud import cloud_of


def _serve(module: str, tells: bool) -> None:
    with cloud_of(module).serving(tells) as server:
        _say(server.told)
        for line in sys.stdin:
            what, _, folder = line.strip().partition(" ")
            if what == "fill":
                for path in Path(folder).iterdir():
                    server.fill(f"in/{path.name}", path.read_bytes())
            _say(dict(server.counts()))


def _say(what: Any) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    _serve(sys.argv[1], "tells" in sys.argv)
