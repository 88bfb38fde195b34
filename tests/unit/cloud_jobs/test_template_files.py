"""The templates say what is sent, and nothing else lies beside them."""

import pytest

from cloud_jobs import template_files

FILES = template_files.files()


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_template_is_what_its_target_sends(name: str) -> None:
    written = (template_files.FOLDER / name).read_text(encoding="utf-8")
    assert written == FILES[name], "python -m cloud_jobs.template_files writes it again"
