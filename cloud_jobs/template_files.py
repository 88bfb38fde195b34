"""The files of `templates/`: what the targets send, for those who use a console, a command line or Terraform instead.

`python -m cloud_jobs.template_files` writes them; tests compare them with what is sent. Names of one's own stand where
`replace` says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cloud_jobs import aws_templates, databricks_templates, google_templates, kubernetes_templates, synapse_templates

FOLDER = Path(__file__).with_name("templates")
NOTE = "Written by `python -m cloud_jobs.template_files` from what `tradewind submit` sends."


def files() -> Mapping[str, str]:
    """The text of each by its name."""
    rooms = (aws_templates, databricks_templates, google_templates, kubernetes_templates, synapse_templates)
    return {name: text for room in rooms for name, text in room.files(NOTE).items()}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
