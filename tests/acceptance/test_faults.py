"""Disks that fill up, a server that restarts, backfills that are killed, writers that meet."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from sinks import embedded, keeper
from tests.acceptance.desk import Desk, row, table
from tests.acceptance.test_crashes import PATIENCE, command, ended, fill, running, until

WRITERS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tradewind writer'"


@contextmanager
def small_disk(size: str) -> Iterator[Path]:
    """A file system of its own of this size; skips, saying so, where none may be mounted."""
    with tempfile.TemporaryDirectory(prefix="tradewind-disk-") as folder:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0777", "tmpfs", folder], capture_output=True, check=False
        )
        if mounted.returncode:
            pytest.skip("a small file system cannot be mounted here: that takes root")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def big(number: int, rows: int = 20_000) -> bytes:
    return table(*(row(f"{number}-{k}", price=k + 1) for k in range(rows)))


@pytest.mark.slow(30)
@pytest.mark.parametrize("driver_files", [16, 0], ids=["on the driver", "in tasks"])
def test_a_full_server_ends_the_run_with_the_way_out_and_loses_nothing(desk: Desk, driver_files: int) -> None:
    with small_disk("2m") as disk, in_tablespace(desk, disk):
        desk.drop("big.csv", big(1))
        code, said = ended(command(desk, "backfill", "x", batch=f"driver_files = {driver_files}"))
        assert code == 1, said
        assert "PostgreSQL has no disk space left; free some, then start again" in said
        assert "Traceback" not in said, said[:1500]
        assert (desk.count(), len(desk.owed())) == (0, 1)
        subprocess.run(["mount", "-o", "remount,size=200m", disk], check=True)
        code, said = ended(command(desk, "backfill", "x", batch=f"driver_files = {driver_files}"))
        assert (code, desk.count(), desk.owed()) == (0, 20_000, []), said


@contextmanager
def in_tablespace(desk: Desk, disk: Path) -> Iterator[None]:
    """New tables of the desk's database go to this disk; afterwards PostgreSQL knows nothing of it any more."""
    folder = disk / "space"
    folder.mkdir(mode=0o700)
    owner = Path(desk.ask("SELECT current_setting('data_directory')")[0][0]).stat()
    os.chown(folder, owner.st_uid, owner.st_gid)
    outside(desk, f"CREATE TABLESPACE small LOCATION '{folder}'")
    database = desk.ask("SELECT current_database()")[0][0]
    outside(desk, f"ALTER DATABASE {database} SET default_tablespace = small")
    try:
        yield
    finally:
        outside(desk, f"ALTER DATABASE {database} RESET default_tablespace")
        desk.run("DROP SCHEMA tradewind CASCADE")
        desk.run("DROP SCHEMA tradewind_staging CASCADE")
        outside(desk, "DROP TABLESPACE small")


def outside(desk: Desk, statement: str) -> None:
    """A statement that refuses to run in a transaction."""
    connection = psycopg2.connect(desk.dsn)
    try:
        connection.autocommit = True
        connection.cursor().execute(statement)
    finally:
        connection.close()


@pytest.mark.slow(30)
def test_a_full_state_folder_is_told_and_with_room_again_it_goes_on(desk: Desk) -> None:
    desk.drop("first.csv", table(row("first")))
    with small_disk("4m") as disk:
        stream = command(desk, "stream", state=disk)
        try:
            until(lambda: desk.count() == 1, stream)
            fill_up(disk)
            desk.drop("second.csv", table(row("second")))
            deadline = time.monotonic() + PATIENCE
            while "no space left" not in stream.said.read_text().lower():
                assert time.monotonic() < deadline, stream.said.read_text()
                time.sleep(0.2)
            (disk / "filler").unlink()
            # Who met it: Spark's log, which ends the stream, or the journal, whose listener tells and tries again.
            try:
                code, expected = stream.process.wait(30), 1
            except subprocess.TimeoutExpired:
                stream.process.terminate()
                code, expected = stream.process.wait(PATIENCE), 0
            assert code == expected, stream.said.read_text()
        finally:
            stream.process.kill()
            stream.process.wait()
        again = command(desk, "stream", state=disk)
        try:
            until(lambda: desk.count() == 2 and not desk.owed(), again)
        finally:
            again.process.terminate()
            code, said = ended(again)
        assert code == 0, said


def fill_up(disk: Path) -> None:
    """Not a byte is left."""
    with (disk / "filler").open("wb", buffering=0) as filler:
        try:
            while filler.write(b"\0" * 65536) == 65536:
                pass
        except OSError:
            return


@pytest.mark.slow(30)
def test_a_server_that_is_restarted_in_the_middle_is_waited_for(desk: Desk, cluster: Path, tmp_path: Path) -> None:
    state = tmp_path / "server"
    state.mkdir()
    subprocess.run(["cp", "-a", cluster, state / cluster.name], check=True)  # with its owner, who is not root
    outer, desk.dsn = desk.dsn, embedded.dsn(embedded.EMBEDDED, state)
    try:
        command_ok(desk, "db", "migrate")
        with running(desk) as stream:
            fill(desk, 30)
            keeper.stop(embedded.pgdata_of(state))
            desk.drop("later.csv", table(row("later")))
            embedded.dsn(embedded.EMBEDDED, state)  # up again, at the same address
            until(lambda: not desk.owed() and desk.count() == 30 * 20 + 3, stream)
    finally:
        desk.dsn = outer
        embedded.leave(state)


def command_ok(desk: Desk, *arguments: str) -> None:
    code, said = ended(command(desk, *arguments))
    assert code == 0, said


@pytest.mark.slow(30)
def test_a_backfill_killed_twice_ends_with_nothing_owed(desk: Desk) -> None:
    fill(desk, 60)
    for merged in (1, 200):
        backfill = command(desk, "backfill", "x", batch="max_files = 3")
        until(lambda enough=merged: desk.count() >= enough, backfill)  # type: ignore[misc]
        backfill.process.kill()
        backfill.process.wait()
        assert desk.owed()
    code, said = ended(command(desk, "backfill", "x", batch="max_files = 3"))
    assert (code, desk.owed(), desk.count()) == (0, [], 60 * 20 + 1), said
    assert desk.ask("SELECT count(*) FROM tradewind.files WHERE state = 'loaded'") == [(60,)]


@pytest.mark.slow(40)  # four JVMs at once
def test_two_streams_and_a_backfill_never_show_more_writers_than_allowed(desk: Desk) -> None:
    other = Desk(desk.folder.parent / "in2", desk.folder.parent / "state2", desk.dsn, desk.session)
    third = Desk(desk.folder.parent / "in3", desk.folder.parent / "state3", desk.dsn, desk.session)
    for one in (other, third):
        one.folder.mkdir()
        one.state.mkdir()
    limits = 'driver_files = 0\nsplit_bytes = "64kB"'
    for n, one in enumerate((desk, other, third)):
        for k in range(6):
            one.drop(f"{k}.csv", big(n * 10 + k, 4000))
    programs = [
        command(desk, "stream", feed="a", batch=limits, writers=2),
        command(other, "stream", feed="b", batch=limits, writers=2),
        command(third, "backfill", "c", feed="c", batch=limits, writers=2),
    ]
    seen = [0]

    def loaded() -> bool:
        seen.append(int(desk.ask(WRITERS)[0][0]))
        return desk.count() == 3 * 6 * 4000

    try:
        until(loaded, programs[0], 400)
        assert ended(programs[2])[0] == 0
    finally:
        for program in programs:
            program.process.kill()
            program.process.wait()
    assert max(seen) == 2


def test_rejects_of_a_file_cut_over_tasks_name_its_own_lines_and_those_of_a_quarantined_one_are_kept(
    desk: Desk,
) -> None:
    desk.settings["max_rejects"] = "1%"
    desk.batch.update(split_bytes="64kB", driver_files=0)
    bad = (0, 1999, 2000, 3998)
    lines = [row(k, price="?" if k in bad else k + 1) for k in range(3999)]
    desk.drop("cut.csv", table(*lines))
    desk.drop("broken.csv", table(row("x", price="?"), row("y", price="??")))
    desk.backfill()
    kept = desk.ask(
        "SELECT split_part(f.uri, '/', -1), r.line FROM tradewind.rejects r JOIN tradewind.files f USING (file_id) "
        "ORDER BY 1, 2"
    )
    assert desk.ask("SELECT array_length(split_lines, 1) > 1 FROM tradewind.files WHERE uri LIKE '%%/cut.csv'") == [
        (True,)
    ]
    assert kept == [("broken.csv", 2), ("broken.csv", 3)] + [("cut.csv", k + 2) for k in bad]
    assert desk.states()["broken.csv"] == ["quarantined"]
