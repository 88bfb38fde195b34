"""Where notifications come from, as the configuration names it: a closed union of queues, one kind a service; and
hooks, which need none."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sqs:
    """A queue of Amazon SQS by its url, or by its name in the account and region that `[s3]` reaches."""

    queue: str

    def __str__(self) -> str:
        return self.queue


@dataclass(frozen=True, slots=True)
class StorageQueue:
    """An Azure storage queue: `https://ACCOUNT.queue.core.windows.net/NAME`."""

    url: str

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True, slots=True)
class EventGrid:
    """A subscription of an Event Grid namespace that is pulled from; `namespace_endpoint` is an https url."""

    namespace_endpoint: str
    topic: str
    subscription: str

    def __str__(self) -> str:
        return f"{self.namespace_endpoint}/topics/{self.topic}/eventsubscriptions/{self.subscription}"


@dataclass(frozen=True, slots=True)
class PubSub:
    """A Pub/Sub subscription: `projects/PROJECT/subscriptions/NAME`."""

    subscription: str

    def __str__(self) -> str:
        return self.subscription


@dataclass(frozen=True, slots=True)
class Hook:
    """No queue: the service calls `/hooks/NAME` of the API, which journals."""

    name: str

    def __str__(self) -> str:
        return f"/hooks/{self.name}"


Place = Sqs | StorageQueue | EventGrid | PubSub
