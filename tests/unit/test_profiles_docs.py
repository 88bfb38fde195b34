"""The document on profiles names every layout and its source, and its example is a profile."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from streaming.profiles import catalogue
from streaming.profiles.dialects import Dialect
from streaming.profiles.line_rules import IgnoreRule
from streaming.profiles.profile import Identity, Match, Profile
from streaming.profiles.rules import NumberRule, SideRule, TextRule, TimeRule

DOCUMENT = (Path(__file__).parents[2] / "docs" / "profiles.md").read_text(encoding="utf-8")


def test_every_layout_that_comes_along_is_listed_as_it_is() -> None:
    shipped = [Profile.load(name) for name in catalogue.names() if not name.startswith("demo-")]
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (.*) \| (\S+) \|$", DOCUMENT, re.MULTILINE)
    assert rows == [(one.name, one.description, one.source) for one in shipped]


def test_the_example_is_a_profile() -> None:
    (example,) = re.findall(r'```toml\n(name = "acme-trades".*?)```', DOCUMENT, re.DOTALL)
    assert Profile.model_validate(tomllib.loads(example)).name == "acme-trades"


def test_the_override_of_the_example_can_be_set() -> None:
    (example,) = re.findall(r"```toml\n(\[feeds\.taq\].*?)```", DOCUMENT, re.DOTALL)
    feed = tomllib.loads(example)["feeds"]["taq"]
    assert Profile.load(feed["profile"], feed["override"]).columns.currency is None


MODELS = [Profile, Dialect, Match, IgnoreRule, Identity, NumberRule, TextRule, TimeRule, SideRule]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_key_is_in_the_document(model: type[BaseModel]) -> None:
    keys = {field.alias or name for name, field in model.model_fields.items()}
    assert {key for key in keys if not re.search(rf"\b{key}\b", DOCUMENT)} == set()
