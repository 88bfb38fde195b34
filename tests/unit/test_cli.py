"""The command line: exit codes, messages, and the commands that need no server."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli_tool import outcome, run
from cli_tool.commands import COMMANDS, loaded
from streaming.settings import load

ROOT = Path(run.__file__).parent.parent


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_help_lists_the_commands_and_loads_nothing_heavy() -> None:
    script = (
        "import sys; from cli_tool.run import main; code = main(['--help'])\n"
        "heavy = {'pyspark', 'pyarrow', 'psycopg2', 'sqlalchemy', 'pydantic'} & set(sys.modules)\n"
        "sys.exit(code or (f'loaded {heavy}' if heavy else 0))"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "doctor" in ran.stdout


def test_help_says_of_each_command_what_the_command_says_of_itself() -> None:
    for name, place in COMMANDS.items():
        told = getattr(loaded(name), "help", "").strip().splitlines()[0]
        assert place.help == told, name


def test_it_runs_by_path_from_any_folder(tmp_path: Path) -> None:
    program = ROOT / "cli_tool" / "run.py"
    ran = subprocess.run(
        [sys.executable, program, "--version"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0
    assert ran.stdout.startswith("tradewind ")


@pytest.mark.parametrize("while_importing", ["typer", "cli_tool.commands"])
def test_ctrl_c_while_modules_load_is_one_line(while_importing: str) -> None:
    script = (
        "import os, signal, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {while_importing!r}: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from cli_tool.run import main; main(['doctor'])"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.stderr == "tradewind: interrupted before it began\n"
    assert ran.returncode == -signal.SIGINT


@pytest.mark.parametrize("arguments", [["nonsense"], ["doctor", "--nonsense"], ["--config"]])
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    assert run.main(arguments) == outcome.USAGE


def test_init_writes_a_file_that_is_right(tmp_path: Path) -> None:
    assert run.main(["init", "--source", 'in "a"', "--profile", "binance-spot-trades"]) == outcome.DONE
    settings = load(tmp_path / "tradewind.toml", environ={})
    assert settings.feeds["trades"].source == f'file://{tmp_path}/in "a"'
    assert settings.feeds["trades"].profile == "binance-spot-trades"


def test_init_without_a_source_leaves_the_feed_as_a_comment(tmp_path: Path) -> None:
    assert run.main(["init"]) == outcome.DONE
    path = tmp_path / "tradewind.toml"
    assert load(path, environ={}).feeds == {}
    assert '# [feeds.trades]\n# source = "/data/trades"' in path.read_text()


def test_every_setting_in_the_comments_of_init_is_a_real_one(tmp_path: Path) -> None:
    run.main(["init", "--source", "in", "--profile", "binance-spot-trades"])
    path = tmp_path / "tradewind.toml"
    lines = path.read_text().replace('"postgresql://…"', '"postgresql://server/db"').splitlines()
    without = [line for line in lines if "password_file" not in line]
    live = [line.removeprefix("# ") if " = " in line or line.startswith("# [") else line for line in without]
    path.write_text("\n".join(live).replace('url = "embedded"', 'url = "postgresql://server/db"', 1))
    assert load(path, environ={}).feeds["trades"].on_overwrite == "merge"


def test_init_leaves_an_existing_file_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tradewind.toml").write_text("# mine")
    assert run.main(["init"]) == outcome.USAGE
    assert (tmp_path / "tradewind.toml").read_text() == "# mine"
    assert "exists already" in capsys.readouterr().err


def test_init_refuses_an_unknown_layout_and_leaves_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["init", "--source", "in", "--profile", "nobody"]) == outcome.USAGE
    assert "binance-spot-trades" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_configuration_is_exit_code_2_and_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.toml").write_text("[feeds.a]\nsource = 5\n")
    assert run.main(["check", "--config", "own.toml"]) == outcome.USAGE
    assert "own.toml:2: feeds.a.source" in capsys.readouterr().err


def test_doctor_tells_what_is_wrong_and_the_cure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tradewind.toml").write_text('[feeds.a]\nsource = "in"\nprofile = "binance-spot-trades"\n')
    assert run.main(["doctor", "--json"]) == outcome.FAILED
    findings = {one["check"]: one for one in map(json.loads, capsys.readouterr().out.splitlines())}
    assert findings["java"]["ok"]
    assert findings["database"]["ok"]
    assert not findings["source a"]["ok"]
    assert findings["source a"]["cure"].startswith(f"mkdir -p {tmp_path}/in")
    assert not (tmp_path / "state").exists(), "doctor made something"


def test_doctors_cure_can_be_pasted_whatever_the_folders_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tradewind.toml").write_text('[feeds.a]\nsource = "my files"\nprofile = "binance-spot-trades"\n')
    assert run.main(["doctor"]) == outcome.FAILED
    assert f"mkdir -p '{tmp_path}/my files', or" in capsys.readouterr().out


def test_doctor_is_content_when_all_is_well(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "tradewind.toml").write_text('[feeds.a]\nsource = "in"\nprofile = "binance-spot-trades"\n')
    assert run.main(["doctor"]) == outcome.DONE


def test_doctor_without_a_configuration_names_the_way_to_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["doctor"]) == outcome.FAILED
    assert "tradewind init" in capsys.readouterr().out


def test_an_unforeseen_error_shows_its_traceback_without_passwords(capsys: pytest.CaptureFixture[str]) -> None:
    outcome.tell(KeyError("postgresql://me:secret@db/t"), verbose=False)
    told = capsys.readouterr().err
    assert "KeyError" in told
    assert "secret" not in told


@pytest.mark.parametrize(
    ("number", "cure"), [(errno.ENOSPC, "make room"), (errno.EROFS, "another folder"), (errno.EACCES, "the right to")]
)
def test_what_the_machine_refuses_is_told_with_the_place_and_is_no_fault_of_the_program(
    capsys: pytest.CaptureFixture[str], number: int, cure: str
) -> None:
    outcome.tell(OSError(number, os.strerror(number), "/data/x"), verbose=False)
    told = capsys.readouterr().err
    assert told.startswith(f"tradewind: /data/x: {os.strerror(number)}; ") and cure in told
    assert "fault" not in told and "Traceback" not in told


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_listing_into_a_full_disk_says_so() -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "cli_tool.run", "profiles", "list"],
            cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert ran.returncode == outcome.FAILED
    assert ran.stderr == "tradewind: the output: No space left on device; make room there, or use another disk\n"


@pytest.mark.parametrize("books", ["missing/books.json", "folder"])
def test_the_demo_says_at_once_that_its_books_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], books: str
) -> None:
    (tmp_path / "folder").mkdir()
    assert run.main(["demo", "--duration", "1", "--books", books]) == outcome.USAGE
    assert f"tradewind: {books} " in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_the_global_options_may_stand_anywhere() -> None:
    assert run._globals_first(["check", "a", "--config", "x", "-v"]) == ["--config", "x", "-v", "check", "a"]
    assert run._globals_first(["explain", "--", "--config"]) == ["explain", "--", "--config"]
