"""The Spark operator's own sources, from Go's module proxy: its published definition of a SparkApplication.

Asked for once, less than a megabyte; after that it is in Go's cache of modules.
"""

import json
import os
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.clouds.go_programs import go

MODULE, VERSION = "github.com/kubeflow/spark-operator/v2", "v2.4.0"
SUM = "h1:Bo5rz5dlhqYEa7e/TLtUEVXDMNRotnVaQ4VLCyeLeOc="
_STATE = re.compile(r'ApplicationState\w+ +ApplicationStateType = "(\w*)"')


@cache
def sources() -> Path:
    """The module's folder, of the checksum that is pinned here. Raises RuntimeError that tells what is missing."""
    command = [go(os.environ), "mod", "download", "-json", f"{MODULE}@{VERSION}"]
    environ = {**os.environ, "GOTOOLCHAIN": "local", "GONOSUMDB": MODULE, "GOFLAGS": "-mod=mod"}
    ended = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)
    if ended.returncode:
        raise RuntimeError(f"{MODULE} could not be had: the first time needs Go's module proxy.\n{ended.stderr}")
    told = json.loads(ended.stdout)
    assert told["Sum"] == SUM
    return Path(told["Dir"])


def schema() -> dict[str, Any]:
    """Of a SparkApplication, as JSON schema in which no field is allowed that it does not name."""
    text = (sources() / "config" / "crd" / "bases" / "sparkoperator.k8s.io_sparkapplications.yaml").read_text()
    (version,) = yaml.load(text, Loader=yaml.CSafeLoader)["spec"]["versions"]
    whole: dict[str, Any] = version["schema"]["openAPIV3Schema"]
    _close(whole)
    whole["properties"]["metadata"] = {"type": "object"}  # every object's, of Kubernetes itself
    return whole


def states() -> set[str]:
    """Of an application, by its Go."""
    return set(_STATE.findall((sources() / "api" / "v1beta2" / "sparkapplication_types.go").read_text()))


def _close(node: Any) -> None:
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for one in inner:
        _close(one)
    if isinstance(node, dict) and isinstance(node.get("properties"), dict) and "type" in node:
        node.setdefault("additionalProperties", node.get("x-kubernetes-preserve-unknown-fields", False))
