"""What was asked of a cluster's API, as the rights that it takes, and what a Role gives."""

from pathlib import Path

import yaml

from tests.clouds.rest_server import Asked

Right = tuple[str, str, str]  # the group of the API, the resource, the verb
VERBS = {"POST": "create", "PATCH": "patch", "DELETE": "delete", "PUT": "update"}


def taken(asked: list[Asked]) -> set[Right]:
    """A server-side apply of what is not there yet takes the right to create, too."""
    found = set()
    for one in asked:
        parts = one.parts
        group, rest = ("", parts[4:]) if parts[0] == "api" else (parts[1], parts[5:])
        verb = VERBS.get(one.method) or ("get" if len(rest) > 1 else "list")
        found |= {(group, rest[0], verb)}
        if "apply-patch" in one.headers.get("content-type", ""):
            found |= {(group, rest[0], "create")}
    return found


def given(path: Path) -> set[Right]:
    """By the Role of a file."""
    (role,) = [one for one in yaml.safe_load_all(path.read_text()) if one["kind"] == "Role"]
    return {
        (group, resource, verb)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
