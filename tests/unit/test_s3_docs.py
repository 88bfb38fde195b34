"""The page on S3: its documents are JSON and grant what they say, its configurations are valid, its commands exist."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cli_tool.commands import COMMANDS, loaded
from streaming.feeds import plans
from streaming.settings import load
from triggers.queues import Sqs

DOCUMENT = (Path(__file__).parents[2] / "docs" / "how-to" / "s3.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT, re.DOTALL | re.MULTILINE)


def documents() -> list[dict[str, Any]]:
    return [json.loads(block) for block in blocks("json")]


def test_the_policies_allow_what_the_page_says_and_nothing_by_a_wildcard() -> None:
    statements = [one for document in documents() for one in document.get("Statement", [])]
    actions = [one["Action"] for one in statements]
    assert actions == [
        "sqs:SendMessage",
        "s3:ListBucket",
        "s3:GetObject",
        ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"],
    ]
    assert {one["Effect"] for one in statements} == {"Allow"}
    assert all(one["Resource"] != "*" for one in statements)


def test_the_queue_has_dead_letters_and_the_bucket_tells_the_queue() -> None:
    (queue,) = [one for one in documents() if "RedrivePolicy" in one]
    redrive = json.loads(queue["RedrivePolicy"])
    assert redrive["deadLetterTargetArn"].endswith(":tradewind-dead")
    (told,) = [one for one in documents() if "QueueConfigurations" in one]
    assert told["QueueConfigurations"][0]["QueueArn"].endswith(":tradewind")


@pytest.mark.parametrize("text", blocks("toml"))
def test_its_configurations_are_valid(text: str, tmp_path: Path) -> None:
    path = tmp_path / "tradewind.toml"
    path.write_text(text)
    (plan,) = plans(load(path, environ={}))
    assert plan.events is None or isinstance(plan.events, Sqs)


def test_the_commands_that_it_names_exist() -> None:
    named = re.findall(r"`tradewind ([a-z]+)(?: ([a-z]+))?", DOCUMENT)
    assert named
    for name, below in named:
        assert name in COMMANDS
        assert not (known := getattr(loaded(name), "commands", {})) or below in known
