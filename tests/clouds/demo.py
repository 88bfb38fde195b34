"""The demo over a stand-in for a cloud on this machine: `python -m tests.clouds.demo s3 …`, as `make demo CLOUD=s3`."""

import signal
import sys

from cli_tool.run import main
from tests.clouds.places import PLACES


def demo(cloud: str, options: list[str]) -> int:
    """What goes through the cloud's bucket is told by its queue, which the demo listens to."""
    with PLACES[cloud]() as place:
        told = ["--incoming", place.prefix, "--events", place.events, "--tables", place.tables]
        return main(["demo", *told, *options])


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in PLACES:
        sys.exit(f"CLOUD is one of: {', '.join(PLACES)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # which ends the servers too
    sys.exit(demo(sys.argv[1], sys.argv[2:]))
