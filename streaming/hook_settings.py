"""The tables `[hooks.NAME]`: whom the API believes when a cloud calls it. Secrets are in files or the environment."""

from __future__ import annotations

import re
from typing import Annotated, get_args

from pydantic import Field, StringConstraints, field_validator

from streaming.event_settings import HookName
from streaming.tables import ConfigPath, Table

#: What Event Grid calls itself in the tokens of every tenant of Azure's public cloud.
EVENT_GRID = "4962773b-9cdb-44cf-a8bf-237846a00ab7"

_ARN = re.compile(r"arn:aws(-[a-z]+)*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?")
Guid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Given = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class SnsHook(Table):
    """The topics whose messages count, by their ARNs, and whose subscriptions are confirmed."""

    topics: tuple[str, ...] = Field(min_length=1)

    @field_validator("topics")
    @classmethod
    def _are_arns(cls, topics: tuple[str, ...]) -> tuple[str, ...]:
        for topic in topics:
            if not _ARN.fullmatch(topic):
                raise ValueError(f"holds {topic!r}: a topic is arn:aws:sns:REGION:ACCOUNT:NAME")
        return topics


class Entra(Table):
    """Event Grid's own tokens: `audience` is the application that the subscription names, `app` Event Grid itself."""

    tenant: Guid
    audience: Given
    app: Guid = EVENT_GRID


class EventGridHook(Table):
    """`secret_files` hold a secret each, which the subscription's address ends in (`?secret=…`); two while one follows
    the other. They are read at every message."""

    secret_files: tuple[ConfigPath, ...] = Field((), max_length=2)
    entra: Entra | None = None


class PubSubHook(Table):
    """The `audience` that a push subscription names, and the `email` of the service account that signs for it."""

    audience: Given
    email: Given


class Hooks(Table):
    """A hook without a table is not there."""

    aws_sns: SnsHook | None = Field(None, alias="aws-sns")
    azure_event_grid: EventGridHook | None = Field(None, alias="azure-event-grid")
    gcs_pubsub: PubSubHook | None = Field(None, alias="gcs-pubsub")

    @property
    def names(self) -> list[HookName]:
        """Of those that have a table."""
        return [name for name in get_args(HookName) if self.of(name)]

    def of(self, name: HookName) -> SnsHook | EventGridHook | PubSubHook | None:
        """The table of a hook."""
        return {"aws-sns": self.aws_sns, "azure-event-grid": self.azure_event_grid, "gcs-pubsub": self.gcs_pubsub}[name]
