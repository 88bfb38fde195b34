"""A foreign package under one of our names is noticed before anything of it runs."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli_tool import rooms
from cli_tool.rooms import ForeignPackage


def test_our_own_packages_are_accepted() -> None:
    rooms.check()


def test_a_foreign_streaming_earlier_on_the_path_is_named_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "streaming").mkdir()
    (tmp_path / "streaming" / "__init__.py").write_text("raise SystemExit('imported')")
    with pytest.raises(ForeignPackage, match=rf"finds {tmp_path}/streaming.*virtual environment"):
        rooms.check(path=[str(tmp_path), str(rooms.ROOT)])


def test_a_foreign_streaming_installed_over_ours_is_noticed(tmp_path: Path) -> None:
    for name in rooms.ROOMS:
        shutil.copytree(rooms.ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    rooms.check(tmp_path, [str(tmp_path)])
    (tmp_path / "streaming" / "base").mkdir()
    with pytest.raises(ForeignPackage):
        rooms.check(tmp_path, [str(tmp_path)])


def test_the_program_ends_with_the_message_and_code_1(tmp_path: Path) -> None:
    (tmp_path / "streaming").mkdir()
    (tmp_path / "streaming" / "__init__.py").write_text("")
    script = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(rooms.ROOT)!r}]\n"
        "from cli_tool.run import main\n"
        "sys.exit(main(['doctor']))"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "tradewind: `import streaming` finds" in ran.stderr


def test_a_room_that_an_older_installation_lacks_asks_for_a_new_one(tmp_path: Path) -> None:
    with pytest.raises(rooms.ForeignPackage, match=r"older than the program.*make setup"):
        rooms.check(rooms.ROOT, [str(tmp_path)])
