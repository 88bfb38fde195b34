"""What the wheel holds: every module and every file of data of the rooms, and nothing of what lies beside them."""

import configparser
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("streaming", "triggers", "sinks", "checkpoints", "cloud_jobs", "api", "cli_tool")
UNSHIPPED = (".pyc",)
PAGES = "dashboard"  # of which the built pages alone are shipped


@pytest.fixture(scope="module")
def shipped() -> tuple[set[str], dict[str, list[str]]]:
    """Packages by name, and the patterns of each one's data."""
    declared = configparser.ConfigParser()
    declared.read(ROOT / "setup.cfg", encoding="utf-8")
    data = {name: patterns.split() for name, patterns in declared["options.package_data"].items()}
    return set(declared["options"]["packages"].split()), data


def test_every_file_of_the_rooms_is_in_the_wheel(shipped: tuple[set[str], dict[str, list[str]]]) -> None:
    packages, data = shipped
    left = []
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*")):
        name = path.relative_to(ROOT)
        if not path.is_file() or path.suffix in UNSHIPPED:
            continue
        room, inside = name.parts[0], "/".join(name.parts[1:])
        as_module = path.suffix == ".py" and ".".join(name.parent.parts) in packages
        if not as_module and not any(_matches(inside, pattern) for pattern in data.get(room, [])):
            left.append(str(name))
    assert left == []


def _matches(inside: str, pattern: str) -> bool:
    """As setuptools does: a star stands for no slash."""
    parts, wanted = inside.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatch, parts, wanted))


def test_packages_are_those_of_the_rooms_alone(shipped: tuple[set[str], dict[str, list[str]]]) -> None:
    packages, _ = shipped
    assert {name.partition(".")[0] for name in packages} == {*ROOMS, PAGES}
    assert [name for name in sorted(packages) if not (ROOT / name.replace(".", "/")).is_dir()] == []
