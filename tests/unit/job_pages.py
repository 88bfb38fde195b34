"""How pages on Spark services are read: their configurations, and the command lines that they tell to type."""

import re
import shlex
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from cli_tool import submitting
from cli_tool.commands import COMMANDS, loaded
from streaming.settings import Settings, load

DOCS = Path(__file__).parents[2] / "docs"
FEED = '[feeds.spot]\nsource = "s3://market-data/spot/"\nprofile = "binance-spot-trades"\n'


def pages(*names: str) -> dict[str, str]:
    return {name: (DOCS / "how-to" / f"{name}.md").read_text(encoding="utf-8") for name in names}


def configurations(pages: dict[str, str]) -> list[tuple[str, str]]:
    """Each block of TOML that describes the job `nightly`, with its page."""
    blocks = [(name, text) for name in pages for text in re.findall(r"^```toml\n(.*?)^```", pages[name], re.M | re.S)]
    return [(name, text) for name, text in blocks if "[jobs.nightly]" in text]


def configured(text: str, folder: Path) -> Settings:
    """The settings of a block; it need not describe a feed."""
    path = folder / "tradewind.toml"
    path.write_text(text if "[feeds." in text else f"{FEED}{text}")
    return load(path, environ={})


def commands(page: str, program: str) -> Iterator[list[str]]:
    """The words after the program's name of each of its command lines: in blocks, in the text, and within others."""
    blocks = [block.replace("\\\n", " ") for block in re.findall(r"^```sh\n(.*?)^```", page, re.M | re.S)]
    rest = re.sub(r"^```.*?^```", "", page, flags=re.M | re.S)
    texts = [text.replace("\n", " ") for text in re.findall(r"`([^`]+)`", rest)]
    for line in [line for block in blocks for line in block.splitlines()] + texts:
        for told in (line, *re.findall(r"\$\(([^)]*)\)", line)):
            if told.startswith(f"{program} "):
                yield shlex.split(told)[1:]


def understood(page: str, settings: Settings, bare: Collection[str] = ()) -> set[str]:
    """Reads each command of ours as the program would, but for those that the text names without calling them, `bare`.
    The names seen."""
    seen = set()
    for name, *words in commands(page, "tradewind"):
        assert name in COMMANDS
        seen.add(name)
        if not words and name in bare:
            continue
        ours, theirs = (words[: words.index("--")], words[words.index("--") + 1 :]) if "--" in words else (words, None)
        command: Any = loaded(name)
        while hasattr(command, "commands") and ours:
            command = command.commands[ours.pop(0)]
        command.make_context(name, [*ours, *(["--", *theirs] if theirs else [])])
        if theirs is not None:
            submitting.understood(settings, theirs)
    return seen
