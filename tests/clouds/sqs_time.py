"""Time that passes for the messages of moto's queues without anybody waiting for it."""

from datetime import timedelta

from moto.sqs.models import sqs_backends

from tests.clouds.aws_environment import REGION
from tests.clouds.moto_server import ACCOUNT


def pass_time(queue_url: str, span: timedelta) -> None:
    """What hides the queue's messages ends by so much sooner: visibility and delay."""
    queue = sqs_backends[ACCOUNT][REGION].queues[queue_url.rpartition("/")[2]]
    for message in queue._messages:
        message.visible_at -= span.total_seconds() * 1000
        message.delayed_until -= span.total_seconds() * 1000
