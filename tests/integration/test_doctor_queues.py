"""What `tradewind doctor` tells of the queues that feeds name."""

import json
from pathlib import Path

import pytest

from cli_tool.app import App
from cli_tool.doctor import Finding, examine
from tests.clouds.moto_server import MotoServer


def told(tmp_path: Path, aws: MotoServer, queue: str) -> Finding:
    config = tmp_path / "tradewind.toml"
    config.write_text(
        f'[s3]\nendpoint = "{aws.endpoint}"\n[feeds.x]\nsource = "s3://{aws.bucket()}/in/"\n'
        f'profile = "demo-exchange"\nevents = {{ queue = "{queue}" }}\n'
    )
    (found,) = [one for one in examine(App(config)) if one.check == f"queue {queue}"]
    return found


def test_what_waits_and_where_dead_letters_go_is_told(tmp_path: Path, aws: MotoServer) -> None:
    dead = aws.arn(aws.queue())
    queue = aws.queue(RedrivePolicy=json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 5}))
    aws.client("sqs").send_message(QueueUrl=queue, MessageBody="x")
    found = told(tmp_path, aws, queue)
    assert (found.ok, found.detail) == (
        True, f"1 messages wait; after 5 deliveries that nobody acknowledges one goes to {dead}"
    )  # fmt: skip


@pytest.mark.parametrize("there", [True, False])
def test_a_queue_without_dead_letters_is_well_and_one_that_is_not_there_is_ill(
    tmp_path: Path, aws: MotoServer, there: bool
) -> None:
    queue = aws.queue()
    found = told(tmp_path, aws, queue if there else queue + "2")
    assert (found.ok, ("comes again" if there else "there is no such queue") in found.detail) == (there, True)
