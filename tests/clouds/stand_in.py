"""A cloud's stand-in for a stream in another process that shares this one's network.

    python -m tests.clouds.stand_in s3 BASE CONFIG   serves until SIGTERM
    python -m tests.clouds.stand_in put CONFIG FILE  uploads a file under the feed's prefix
    python -m tests.clouds.stand_in ready CONFIG     ends with 0 once it serves
    python -m tests.clouds.stand_in build            fetches and builds what serving needs, so that it needs no network

CONFIG is what the stream is to read, written once all is there: what BASE holds, with a feed and the way to its bucket.
"""

import os
import signal
import sys
import threading  # and nothing of ours: whether it is ready is asked every few seconds
from pathlib import Path

CLOUDS = ("s3", "azure", "gcs")
FEED = """
[feeds.{cloud}]
source = "{place.prefix}"
profile = "binance-spot-trades"
discovery = "events"
events = {place.events}

{place.tables}"""


def serve(cloud: str, base: Path, config: Path) -> None:
    """Until it is asked to end. One that was left by another tells of a bucket that is gone."""
    config.unlink(missing_ok=True)
    from tests.clouds.places import PLACES

    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    signal.signal(signal.SIGINT, lambda *_: over.set())
    with PLACES[cloud]() as place:
        _write(config, base.read_text() + FEED.format(cloud=cloud, place=place))
        print(f"{cloud} stands in at {place.prefix}", flush=True)
        over.wait()
        config.unlink()


def put(config: Path, file: Path) -> None:
    """Upload a file, whole, under the prefix of the one feed."""
    from streaming.settings import load
    from tests.clouds import azure_environment
    from tests.clouds.aws_environment import ENVIRONMENT
    from triggers.folders import folder_of

    os.environ.update({**ENVIRONMENT, **azure_environment.ENVIRONMENT})
    settings = load(config)
    (feed,) = settings.feeds.values()
    folder_of(feed.source, settings.access).write(file.name, file.read_bytes())
    print(f"{feed.source.rstrip('/')}/{file.name}")


def build() -> None:
    """Azurite by npm, and where Google's own emulator is not installed, a Pub/Sub by Go."""
    from tests.clouds import azurite_setup, go_programs, pubsub_emulator

    azurite_setup.installed()
    go_programs.built(pubsub_emulator.SOURCE)


def _write(config: Path, text: str) -> None:
    """Whole or not at all: the stream waits for it."""
    made = config.with_name(f".{config.name}")
    made.write_text(text)
    made.replace(config)


def main(words: list[str]) -> int:
    match words:
        case [cloud, base, config] if cloud in CLOUDS:
            serve(cloud, Path(base), Path(config))
        case ["put", config, file]:
            put(Path(config), Path(file))
        case ["ready", config]:
            return 0 if Path(config).exists() else 1
        case ["build"]:
            build()
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
