import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from triggers.completeness import BUSY, Policy, Verdict, judge, parse
from triggers.errors import BadPolicy
from triggers.stores import Listed
from triggers.stores.local import LocalStore, uri_of
from triggers.writers import Writers, writers_of

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
STORE = LocalStore()


def file(path: Path, content: str = "x", age: float = 0.0) -> Listed:
    """A file that was written `age` seconds before NOW."""
    path.write_text(content)
    stamp = int((NOW.timestamp() - age) * 1_000_000_000)
    os.utime(path, ns=(stamp, stamp))
    found = STORE.stat(uri_of(path))
    assert found is not None
    return found


def ask(listed: Listed, text: str, since: float = 0.0, writers: Writers = "unknown") -> Verdict:
    return judge(listed, NOW, NOW - timedelta(seconds=since), parse(text), STORE, lambda _: writers)


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("auto", Policy("auto")),
        ("rename", Policy("rename")),
        ("checksum", Policy("checksum")),
        ("settle:10s", Policy("settle", timedelta(seconds=10))),
        ("settle:500ms", Policy("settle", timedelta(milliseconds=500))),
        ("settle:1.5m", Policy("settle", timedelta(seconds=90))),
        ("marker:.done", Policy("marker", name=".done")),
        ("manifest:files.txt", Policy("manifest", name="files.txt")),
    ],
)
def test_the_setting_is_one_of_six(text: str, policy: Policy) -> None:
    assert parse(text) == policy


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Auto",
        "setle:10s",
        "settle",
        "settle:",
        "settle:10",
        "settle:s",
        "settle:1d",
        "settle:1.2.3s",
        "settle:-1s",
        "marker",
        "marker:",
        "marker:a/b",
        "manifest:",
        "auto:1s",
        "rename:x",
        "settle:1ss",
    ],
)
def test_any_other_setting_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(BadPolicy, match=r"settle:10s, marker:\.done"):
        parse(text)


def test_auto_takes_a_file_without_a_writer_at_once(tmp_path: Path) -> None:
    assert ask(file(tmp_path / "a.csv"), "auto", writers="none").complete


def test_auto_waits_for_a_writer_however_old_the_file_looks(tmp_path: Path) -> None:
    verdict = ask(file(tmp_path / "a.csv", age=3_600), "auto", since=3_600, writers="some")
    assert (verdict.complete, verdict.due_at) == (False, NOW + BUSY)


@pytest.mark.parametrize(
    ("age", "since", "due_in"),
    [(0, 0, 2), (1.5, 0, 0.5), (0.5, 1.5, 0.5), (2, 0, None), (0, 2, None), (3_600, 0, None)],
)
def test_auto_takes_what_is_unchanged_for_two_seconds_where_the_kernel_cannot_tell(
    tmp_path: Path, age: float, since: float, due_in: float | None
) -> None:
    verdict = ask(file(tmp_path / "a.csv", age=age), "auto", since)
    assert verdict.complete is (due_in is None)
    assert verdict.due_at == (None if due_in is None else NOW + timedelta(seconds=due_in))


def test_a_file_dated_in_the_future_settles_by_when_it_was_seen(tmp_path: Path) -> None:
    listed = file(tmp_path / "a.csv", age=-365 * 86_400)
    assert ask(listed, "settle:10s", since=9).due_at == NOW + timedelta(seconds=1)
    assert ask(listed, "settle:10s", since=10).complete


def test_objects_in_a_bucket_appear_whole() -> None:
    assert ask(Listed("s3a://bucket/a.csv", "1", 1, NOW), "auto", writers="some").complete


def test_rename_trusts_what_it_sees(tmp_path: Path) -> None:
    assert ask(file(tmp_path / "a.csv"), "rename", writers="some").complete


def test_a_marker_makes_its_own_file_whole(tmp_path: Path) -> None:
    listed = file(tmp_path / "a.csv", age=3_600)
    file(tmp_path / "b.csv.done")
    verdict = ask(listed, "marker:.done")
    assert not verdict.complete
    assert verdict.due_at is not None
    file(tmp_path / "a.csv.done")
    assert ask(listed, "marker:.done").complete


@pytest.mark.parametrize(
    ("content", "whole"),
    [
        ("a.csv\n", True),
        ("b.csv\r\na.csv\r\n", True),
        (f"{'0' * 64}  a.csv\n", True),
        (f"{'0' * 32} *a.csv\n", True),
        ("a.csv", False),
        ("a.csv.gz\n", False),
        ("b.csv\n", False),
        ("not a.csv\n", False),
        ("", False),
    ],
)
def test_a_manifest_makes_whole_what_a_finished_line_names(tmp_path: Path, content: str, whole: bool) -> None:
    listed = file(tmp_path / "a.csv")
    assert not ask(listed, "manifest:files.txt").complete
    file(tmp_path / "files.txt", content)
    assert ask(listed, "manifest:files.txt").complete is whole


@pytest.mark.parametrize(
    ("ending", "algorithm"),
    [(".sha256", hashlib.sha256), (".md5", hashlib.md5), (".CHECKSUM", hashlib.sha256)],
)
def test_a_checksum_that_agrees_makes_a_file_whole(
    tmp_path: Path, ending: str, algorithm: Callable[[bytes], Any]
) -> None:
    listed = file(tmp_path / "a.csv", "trades")
    assert not ask(listed, "checksum").complete
    file(tmp_path / f"a.csv{ending}", f"{algorithm(b'trades').hexdigest().upper()}  a.csv\n")
    assert ask(listed, "checksum").complete


@pytest.mark.parametrize("content", [hashlib.sha256(b"others").hexdigest(), "", "no checksum at all"])
def test_a_checksum_that_does_not_agree_is_waited_for_and_then_broken(tmp_path: Path, content: str) -> None:
    listed = file(tmp_path / "a.csv", "trades", age=5)
    file(tmp_path / "a.csv.sha256", content, age=1)
    early = ask(listed, "checksum", since=1)
    assert (early.complete, early.broken, early.due_at) == (False, False, NOW + timedelta(seconds=1))
    late = ask(listed, "checksum", since=2)
    assert (late.complete, late.broken, late.due_at) == (False, True, None)
    assert "a.csv.sha256" in late.reason


def test_a_file_that_changes_while_its_checksum_is_taken_is_asked_again(tmp_path: Path) -> None:
    listed = file(tmp_path / "a.csv", "trades")
    file(tmp_path / "a.csv.md5", hashlib.md5(b"trades").hexdigest())
    file(tmp_path / "a.csv", "more trades")
    verdict = ask(listed, "checksum")
    assert (verdict.complete, verdict.due_at) == (False, NOW + BUSY)


def test_the_kernel_knows_a_writer_in_another_process(tmp_path: Path, writer: Any) -> None:
    path = tmp_path / "a.csv"
    other = writer(path)
    assert writers_of(str(path)) == "some"
    other.write("a line")
    assert writers_of(str(path)) == "some"
    other.close()
    assert writers_of(str(path)) == "none"


def test_a_reader_is_no_writer(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x")
    with path.open("rb"):
        assert writers_of(str(path)) == "none"


def test_asking_leaves_no_lease_that_a_later_writer_would_wait_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x")
    assert writers_of(str(path)) == "none"
    os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))


def test_a_file_that_is_gone_has_unknown_writers(tmp_path: Path) -> None:
    assert writers_of(str(tmp_path / "nowhere")) == "unknown"


def test_a_network_file_system_is_not_trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from triggers import writers

    path = tmp_path / "a.csv"
    path.write_text("x")
    line = rf"41 29 0:37 / {str(tmp_path).replace(' ', chr(92) + '040')} rw - nfs4 server:/x rw"
    monkeypatch.setattr(writers, "_mounts", lambda: [("/", "ext4"), writers._mount(line)])
    writers._file_system.cache_clear()
    assert writers_of(str(path)) == "unknown"
    writers._file_system.cache_clear()
