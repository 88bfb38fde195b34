"""Services of docker/compose.yaml as processes of this machine: their own commands, environment, secrets and health
checks, at places below a folder and on free ports."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sinks import embedded
from tests.docker.composed import ROOT, composed
from tests.docker.dockerfile import Stage, stages

PROGRAMS = embedded.binaries(18)
HEALTHY_WITHIN = 240.0  # seconds
PORTS = {"5432": "postgres", "8420": "api", "8421": "health", "8080": "airflow"}


class Outside:
    """`folder` stands for the containers' file systems; `tradewind` and `airflow` are the environments' folders."""

    def __init__(self, folder: Path, tradewind: Path, airflow: Path = ROOT / ".venv-airflow") -> None:
        self.folder, self._tradewind, self._airflow = folder, tradewind, airflow
        self.ports = {name: _free_port() for name in PORTS.values()}
        self.services: Mapping[str, Mapping[str, Any]] = composed("*")["services"]
        for name, config in composed("*")["configs"].items():
            self._place("/etc/tradewind", f"{name}.toml").write_text(self.told(Path(config["file"]).read_text()))
        for place in ("/var/lib/tradewind", "/var/lib/airflow", "/data/spot", "/run/tradewind"):
            self.place(place).mkdir(parents=True)

    def place(self, path: str) -> Path:
        """Where a container's path is here."""
        return Path(f"{self.folder}{path}")

    def told(self, text: str) -> str:
        """With the containers' places, names and ports as they are here."""
        text = re.sub(r"(?<![\w/.])(/etc/tradewind|/var/lib|/run|/data|/opt/dags)\b", rf"{self.folder}\1", text)
        text = text.replace(f"{self.folder}/opt/dags", str(ROOT / "airflow" / "dags"))
        text = re.sub(r"\b(airflow-)?postgres:5432", f"127.0.0.1:{self.ports['postgres']}", text)
        text = text.replace("airflow-api-server:", "127.0.0.1:").replace("0.0.0.0", "127.0.0.1")
        for port, name in PORTS.items():
            text = re.sub(rf"\b{port}\b", str(self.ports[name]), text)
        return text

    def words(self, name: str) -> list[str]:
        """The whole command of a service, entrypoint and all."""
        image = self._stage(name)
        return [self.told(word) for word in [*image.entrypoint, *(self.services[name]["command"] or image.command)]]

    def environ(self, name: str) -> dict[str, str]:
        """What a service sees of the environment: nothing of this process's but where programs and a home are."""
        image = self._stage(name).environ
        given = {**image, **(self.services[name].get("environment") or {})}
        seen = {key: self.told(str(value).replace("$$", "$")) for key, value in given.items()}
        tests = Path(sys.executable).parent
        own = [self._tradewind / "bin", tests]
        if self._image(name) in ("airflow", "clouds"):
            own.insert(0, tests if self._image(name) == "clouds" else self._airflow / "bin")
        seen["TRADEWIND_COMMAND"] = str(self._tradewind / "bin" / "tradewind")
        seen["PATH"] = os.pathsep.join(map(str, [*own, PROGRAMS, "/usr/bin", "/bin"]))
        seen["XDG_CACHE_HOME"] = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))  # what is built is there
        seen["PGPORT"] = str(self.ports["postgres"])  # by itself psql asks at PostgreSQL's own
        return {"HOME": str(self.place("/var/lib/tradewind")), "LANG": "C.UTF-8", **seen}

    def run(self, name: str, *words: str, code: int = 0) -> str:
        """A command to its end, the service's own or another in its container; what it said."""
        ran = subprocess.run(
            words or self.words(name),
            env=self.environ(name), cwd=self._cwd(name),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=240,
        )  # fmt: skip
        assert ran.returncode == code, ran.stdout[-5000:]
        return ran.stdout

    def health(self, name: str) -> int:
        """The exit code of a service's health check."""
        check = self.services[name].get("healthcheck", {}).get("test", [])
        words = check[1:] or self._stage(name).healthcheck
        ran = subprocess.run(
            [self.told(word).replace("$$", "$") for word in words],
            env=self.environ(name), cwd=self._cwd(name), capture_output=True, check=False, timeout=60,
        )  # fmt: skip
        return ran.returncode

    @contextmanager
    def running(self, *names: str) -> Iterator[None]:
        """The services, each healthy, until the end of the block; then each ends by SIGTERM, orderly."""
        processes = {name: self._start(name) for name in names}
        try:
            for name, process in processes.items():
                self._wait(name, process)
            yield
        finally:
            codes = {name: _end(process) for name, process in reversed(processes.items())}
        ours = {name: code for name, code in codes.items() if "airflow" not in name}
        assert set(ours.values()) <= {0}, (ours, *(self.said(name) for name in ours))

    def said(self, name: str) -> str:
        """The end of what a service wrote."""
        return (self.folder / f"{name}.log").read_text()[-3000:]

    def _start(self, name: str) -> "subprocess.Popen[bytes]":
        words, environ, where = self.words(name), self.environ(name), self._cwd(name)
        with (self.folder / f"{name}.log").open("ab") as said:
            return subprocess.Popen(words, env=environ, cwd=where, stdout=said, stderr=said, start_new_session=True)

    def _wait(self, name: str, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + HEALTHY_WITHIN
        while self.health(name):
            assert process.poll() is None, self.said(name)
            assert time.monotonic() < deadline, self.said(name)
            time.sleep(0.3)

    def _cwd(self, name: str) -> Path:
        """WORKDIR: this repository in the stand-ins, the state's volume everywhere else."""
        return ROOT if self._image(name) == "clouds" else self.place("/var/lib/tradewind")

    def _stage(self, name: str) -> Stage:
        """Of an image of ours; others have what Compose says of them alone."""
        return stages().get(self._image(name), Stage(""))

    def _image(self, name: str) -> str:
        return str(self.services[name]["image"]).removeprefix("tradewind-").partition(":")[0]

    def _place(self, folder: str, name: str) -> Path:
        self.place(folder).mkdir(parents=True, exist_ok=True)
        return self.place(folder) / name


@contextmanager
def postgres(outside: Outside) -> Iterator[None]:
    """The image's own doing, with the programs of the wheel: a server that asks for passwords, made by the scripts."""
    data, secrets = outside.folder / "postgres", outside.place("/run/secrets")
    user = embedded.SERVER_USER if os.geteuid() == 0 else None
    sockets = Path(tempfile.mkdtemp(prefix="tradewind-"))  # a socket's path must be short
    data.mkdir()
    if user:
        _open_way(outside.folder)
        subprocess.run(["chown", user, data, sockets], check=True)
    options = ["--auth-local=trust", "--auth-host=scram-sha-256", "--username=postgres", "--encoding=UTF8"]
    subprocess.run(
        [PROGRAMS / "initdb", *options, "--pwfile", secrets / "postgres_password", "-D", data],
        user=user, group=user, cwd="/", env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}, check=True,
        capture_output=True,
    )  # fmt: skip
    port = str(outside.ports["postgres"])
    place = ["-c", f"unix_socket_directories={sockets}", "-c", "listen_addresses=127.0.0.1", "-p", port]
    log = (outside.folder / "postgres.log").open("ab")
    server = subprocess.Popen(
        [PROGRAMS / "postgres", "-D", data, *place, "-c", "fsync=off"],
        user=user, group=user, cwd="/", stdout=log, stderr=log,
    )  # fmt: skip
    try:
        outside._wait("postgres", server)
        _made(outside, secrets, {"PGHOST": str(sockets), "PGPORT": port, "PATH": f"{PROGRAMS}:/usr/bin:/bin"})
        yield
    finally:
        server.send_signal(signal.SIGINT)  # the fast end: connections are let go
        server.wait(60)
        log.close()
        shutil.rmtree(sockets)


def _made(outside: Outside, secrets: Path, environ: dict[str, str]) -> None:
    """The databases, and what /docker-entrypoint-initdb.d does; Airflow's server is this one, too."""
    told = {
        "POSTGRES_USER": "postgres",
        "POSTGRES_DB": "tradewind",
        "TRADEWIND_PASSWORD_FILE": str(secrets / "tradewind_password"),
    }
    airflow = (secrets / "airflow_database_password").read_text()
    (source,) = (one["source"] for one in outside.services["postgres"]["volumes"] if "initdb" in one["target"])
    first = ["psql", "-U", "postgres", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-q"]
    making = f"CREATE ROLE airflow LOGIN PASSWORD '{airflow}';\nCREATE DATABASE airflow OWNER airflow;"
    subprocess.run(first, env=environ, input=f"CREATE DATABASE tradewind;\n{making}", text=True, check=True)
    for script in sorted(Path(source).iterdir()):
        words = [*first[:3], "-d", "tradewind", *first[5:], "-f", str(script)]
        run = ["bash", str(script)] if script.suffix == ".sh" else words
        subprocess.run(run, env={**environ, **told}, check=True)


def token(outside: Outside) -> str:
    """One to sign in with, by the command that up.sh names."""
    said = outside.run("api", "tradewind", "token", "create", "me", "--role", "operator", "--json")
    return str(json.loads(said.splitlines()[-1])["token"])


def tradewind_of(environment: Path) -> Path:
    """An environment like the image's, of the tests' own packages and this repository's code."""
    program = environment / "bin" / "tradewind"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m cli_tool.run "$@"\n')
    program.chmod(0o755)
    return environment


def _open_way(folder: Path) -> None:
    """Let the server's user pass to its own folder."""
    for above in [folder, *folder.parents]:
        mode = above.stat().st_mode & 0o777
        if not mode & 0o001:
            above.chmod(mode | 0o011)


def _end(process: "subprocess.Popen[bytes]") -> int:
    process.terminate()
    try:
        return process.wait(60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return process.wait()


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        return int(free.getsockname()[1])
