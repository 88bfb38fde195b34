"""The first file of a job: refuses what does not fit before anything else is imported."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from cloud_jobs import archive, archive_environment, tradewind_job
from cloud_jobs.archive import Wanted
from cloud_jobs.job_settings import Python

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
MARK = {"python": HERE, "architecture": "x86_64", "requirements": "r", "tradewind": "t"}
Entry = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A packed environment with a `cli_tool` that only tells what it was called with."""
    folder = tmp_path / "environment"
    (folder / "cli_tool").mkdir(parents=True)
    (folder / "cloud_jobs").mkdir()
    (folder / "cli_tool" / "run.py").write_text(
        "import os\ndef main(words):\n    config = open(words[1]).read()\n"
        "    print(words[2:], config, os.environ.get('PGPASSWORD'), words[1])\n    return 3\n"
    )
    (folder / "cloud_jobs" / "secret_stores.py").write_text(
        "class SecretsMissing(Exception): pass\n"
        "def resolved(secrets): return {name: store + ' has ' + ref for name, store, ref in secrets}\n"
    )
    (folder / archive_environment.MARK).write_text(json.dumps(MARK))
    return folder


@pytest.fixture
def run(tmp_path: Path, environment: Path) -> Entry:
    """Runs the entry of a package for a Python and an architecture, by a Python without packages."""

    def ran(*words: str, python: str = HERE, architecture: str = "", digest: str = "") -> Any:
        import platform

        machine = architecture or platform.machine()
        wanted = Wanted(python, machine, "4.3", {"tradewind.toml": "[feeds]"})
        entry = tmp_path / "tradewind_job.py"
        entry.write_text(archive._entry(wanted, MARK, digest))
        command = [sys.executable, "-I", "-S", str(entry), *words]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)

    return ran


def test_the_command_runs_with_its_secrets_and_ends_with_its_code(run: Entry, tmp_path: Path) -> None:
    done = run("--secret=PGPASSWORD=aws=arn:a=b", "--", "backfill", "x", "--from=2026-01-01")
    assert done.returncode == 3, done.stderr
    words, config = done.stdout.split("] ")[0] + "]", done.stdout.split()[-1]
    assert words == "['backfill', 'x', '--from=2026-01-01']"
    assert "[feeds] aws has arn:a=b" in done.stdout
    assert not Path(config).exists()  # what was written for the command is gone


def test_another_python_is_refused_in_one_line(run: Entry) -> None:
    done = run("--", "backfill", "x", python="3.13" if HERE != "3.13" else "3.12")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"and the cluster runs CPython {HERE}" in done.stderr


def test_the_way_out_is_one_that_there_is() -> None:
    assert get_args(Python) == tradewind_job.PACKED_FOR
    assert tradewind_job.way_out("3.12") == "pack for it: tradewind package --python 3.12"
    assert "name a CPython 3.11 or 3.12 or 3.13 there" in tradewind_job.way_out("3.9")


def test_another_architecture_is_refused_in_one_line(run: Entry) -> None:
    done = run("--", "backfill", "x", architecture="riscv64")
    assert done.returncode == 2
    assert "this package is for riscv64" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "a command follows `--`"),
        (("backfill", "--", "x"), "'backfill' is no option"),
        (("--secret=PGPASSWORD", "--", "x"), "is no option"),
    ],
)
def test_words_that_mean_nothing_are_refused(run: Entry, words: tuple[str, ...], told: str) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert told in done.stderr


def test_an_environment_of_another_package_is_refused(run: Entry, environment: Path) -> None:
    (environment / archive_environment.MARK).write_text(json.dumps({**MARK, "tradewind": "older"}))
    done = run("--", "backfill", "x")
    assert done.returncode == 2
    assert "is not the environment of this package" in done.stderr


def test_an_archive_is_unpacked_once_and_only_if_its_checksum_fits(
    run: Entry, environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    packed = tmp_path / "environment.tar.gz"
    with packed.open("wb") as out:
        archive_environment.pack(environment, (), MARK, out)
    digest = archive._digest_of(packed)
    for _ in range(2):
        assert run(f"--environment={packed}", "--", "x", digest=digest).returncode == 3
    assert len(list(tmp_path.glob("tradewind-*-*"))) == 1
    packed.write_bytes(packed.read_bytes() + b"x")
    done = run(f"--environment={packed}", "--", "x", digest=digest)
    assert done.returncode == 2
    assert "is not the environment of this package" in done.stderr


def test_old_pythons_can_read_it() -> None:
    import ast

    ast.parse(Path(str(tradewind_job.__file__)).read_text(), feature_version=(3, 6))


def test_what_is_packed_tells_nothing_of_when_where_and_by_whom(environment: Path) -> None:
    (environment / "bin").mkdir()
    (environment / "bin" / "program").write_text("#!/home/me/python\n")
    (environment / "a-1.dist-info").mkdir()
    for name in ("RECORD", "direct_url.json", "METADATA"):
        (environment / "a-1.dist-info" / name).write_text("file:///home/me")
    buffer = io.BytesIO()
    archive_environment.pack(environment, (), MARK, buffer)
    buffer.seek(0)
    with tarfile.open(fileobj=buffer) as tar:
        assert {(one.mtime, one.uid, one.gid, one.uname, one.mode) for one in tar} == {(0, 0, 0, "", 0o644)}
        names = [name for name in tar.getnames() if ("." in name and "dist-info" in name) or name.startswith("bin")]
        assert names == ["a-1.dist-info/METADATA"]
