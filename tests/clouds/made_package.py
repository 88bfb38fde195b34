"""A package as its manifest has it, of parts that hold next to nothing: for what sends packages and runs none."""

import hashlib
from pathlib import Path

from cloud_jobs.archive import CONFIG, ENTRY, ENVIRONMENT, MANIFEST, REQUIREMENTS, Manifest, Part

WHEEL = "tradewind-0.1.0-py3-none-any.whl"


def made(folder: Path, python: str = "3.11", spark: str = "3.5") -> Manifest:
    """Written into a folder that is made."""
    folder.mkdir()
    parts = []
    for name in (ENTRY, ENVIRONMENT, CONFIG, REQUIREMENTS, WHEEL):
        (folder / name).write_text(f"the content of {name}")
        content = (folder / name).read_bytes()
        parts.append(Part(name, hashlib.sha256(content).hexdigest(), len(content)))
    manifest = Manifest("0.1.0", python, "x86_64", spark, {}, tuple(parts), ("PGPASSWORD",), (), ())
    (folder / MANIFEST).write_text(manifest.text())
    return manifest
