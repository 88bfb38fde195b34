"""The wheel as a user gets it: where nothing else of ours is, it has its SQL, layouts and pages, and serves them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import urllib.request
import zipfile
from pathlib import Path

import pytest

from api import dashboard
from tests.api.serving import ROOT

pytestmark = [pytest.mark.slow(60)]
BESIDE = (".*", "node_modules", "build", "tests", "demo-run", "__pycache__", "*.egg-info")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built offline, of a copy: building leaves folders behind."""
    if dashboard.folder() is None:
        pytest.fail("The dashboard is not built: make dashboard")
    source, out = tmp_path_factory.mktemp("wheel") / "source", tmp_path_factory.mktemp("out")
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(*BESIDE))
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`tradewind` of an environment of its own, which finds what others have made in this one."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    subprocess.run(
        [
            Path(sys.prefix, "bin", "uv"),
            "pip",
            "install",
            "--quiet",
            "--offline",
            "--no-deps",
            "--python",
            python,
            wheel,
        ],
        check=True,
    )
    packages = next(folder.glob("lib/*/site-packages"))
    (packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin" / "tradewind"


def test_it_holds_pages_layouts_sql_and_migrations(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    data = {
        name
        for name in tracked
        if re.match(r"streaming/layouts/|sinks/(sql|migrations)/|api/(static|templates)/", name)
    }
    assert data - names == set()
    assert {"dashboard/dist/browser/index.html", "dashboard/dist/browser/icon.svg"} <= names
    assert not [name for name in names if name.startswith(("tests/", "dashboard/node_modules", "dashboard/src"))]


def test_it_tells_its_version(program: Path, tmp_path: Path) -> None:
    told = subprocess.run([program, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert re.fullmatch(r"tradewind \d+\.\d+\.\d+\n", told)


def test_it_serves_its_pages(program: Path, migrated_postgres: str, tmp_path: Path) -> None:
    (tmp_path / "tradewind.toml").touch()
    server = subprocess.Popen(
        [program, "serve", "--port", "0", "--child"],
        cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "TRADEWIND_DATABASE_URL": migrated_postgres},
    )  # fmt: skip
    with server:
        assert server.stdin and server.stdout
        address = server.stdout.readline().strip()
        page = _get(f"{address}/")
        assert "<tw-root" in page
        for script in re.findall(r'src="(/[^"]+\.js)"', page):
            assert _get(f"{address}{script}")
        server.stdin.close()
        assert server.wait(60) == 0


def _get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        told: bytes = answer.read()
    return told.decode()
