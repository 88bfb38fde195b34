"""S3 by Versity's gateway: a server of another make, written in Go, that keeps its buckets as folders of a disk.

What names and ETags are for is kept beside them, so any file system will do. The module in the folder `versitygw` only
pins the program.
"""

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import boto3

from tests.clouds.aws_environment import ENVIRONMENT, REGION
from tests.clouds.go_programs import built

HOST = "127.0.0.1"
STARTS_WITHIN = 60.0  # seconds
MODULE = Path(__file__).parent / "versitygw"
PROGRAM = "github.com/versity/versitygw/cmd/versitygw"


class Versitygw:
    """One server, for `with`, or by the fixture `versitygw`; `client` is boto3's, for what tests do by themselves."""

    def __enter__(self) -> "Versitygw":
        self._folder, self._port = Path(tempfile.mkdtemp(prefix="tradewind-versitygw-")), _free_port()
        self._process = self._started()
        self.client = self._client()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)
        shutil.rmtree(self._folder)

    @property
    def endpoint(self) -> str:
        """The address."""
        return f"http://{HOST}:{self._port}"

    def bucket(self) -> str:
        """A new one; its name."""
        name = f"bucket-{uuid.uuid4().hex[:12]}"
        self.client.create_bucket(Bucket=name)
        return name

    def fill(self, bucket: str, keys: list[str]) -> None:
        """An object of one byte under each key; past the wire, each a copy of the first, which the server wrote."""
        self.client.put_object(Bucket=bucket, Key=keys[0], Body=b"x")
        objects, beside = (self._folder / name / bucket for name in ("objects", "beside"))
        for key in keys[1:]:
            for place in (objects / key, beside / key):
                place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(objects / keys[0], objects / key)
            shutil.copytree(beside / keys[0], beside / key)

    def _client(self) -> Any:
        make: Any = boto3.client  # by a name that no overload knows
        return make(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=ENVIRONMENT["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=ENVIRONMENT["AWS_SECRET_ACCESS_KEY"],
        )

    def _command(self) -> list[str]:
        for name in ("objects", "beside"):
            (self._folder / name).mkdir()
        access, secret = (ENVIRONMENT[f"AWS_{name}"] for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"))
        served = ["--port", f"{HOST}:{self._port}", "--access", access, "--secret", secret, "--region", REGION]
        kept = ["posix", "--sidecar", str(self._folder / "beside"), str(self._folder / "objects")]
        return [str(built(MODULE, PROGRAM)), *served, "--quiet", *kept]

    def _started(self) -> "subprocess.Popen[bytes]":
        with (self._folder / "log").open("wb") as log:
            process = subprocess.Popen(self._command(), stdout=log, stderr=log, cwd=self._folder)
        end = time.monotonic() + STARTS_WITHIN
        while not _listens(self._port):
            if process.poll() is not None or time.monotonic() > end:
                process.kill()
                raise RuntimeError(f"versitygw did not start: {(self._folder / 'log').read_text()}")
            time.sleep(0.01)
        return process


def _free_port() -> int:
    with contextlib.closing(socket.socket()) as taken:
        taken.bind((HOST, 0))
        return int(taken.getsockname()[1])


def _listens(port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        return probe.connect_ex((HOST, port)) == 0
