"""Terraform's JSON of what a target sends, with variables where names of one's own belong.

https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any


def document(note: str, resources: Mapping[str, Any], names: Mapping[str, str], providers: Mapping[str, str]) -> str:
    """A whole file. `names` are stand-ins in `resources` and the variable that takes each one's place."""
    body = json.dumps({"resource": resources})
    used: list[str] = []
    for stand_in, variable in names.items():
        if stand_in in body:
            body, used = body.replace(stand_in, f"${{var.{variable}}}"), [*used, variable]
    whole = {
        "//": note,
        "terraform": {"required_providers": {name: {"source": source} for name, source in providers.items()}},
        "variable": {name: {"type": "string"} for name in used},
        **json.loads(body),
    }
    return f"{json.dumps(whole, indent=2)}\n"


def snake(value: Any, whole: frozenset[str] = frozenset({"properties", "labels"})) -> Any:
    """An API's names as Terraform writes them: mainPythonFileUri is main_python_file_uri. Maps of the user's stay."""
    if isinstance(value, Mapping):
        return {_snake(k): v if k in whole else snake(v, whole) for k, v in value.items()}
    return [snake(v, whole) for v in value] if isinstance(value, list) else value


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: f"_{found[1].lower()}", name)
