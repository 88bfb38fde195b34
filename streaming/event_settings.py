"""The table `feeds.NAME.events`: which service tells of a feed's files. It has one of five shapes, told by its keys."""

import re
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, field_validator

from triggers.queues.places import EventGrid, Hook, PubSub, Sqs, StorageQueue

SHAPES = (
    '{ queue = "https://sqs.REGION.amazonaws.com/ACCOUNT/NAME" }, or the name alone, for Amazon SQS; '
    '{ queue = "https://ACCOUNT.queue.core.windows.net/NAME" } for an Azure storage queue; '
    '{ namespace_endpoint = "https://…eventgrid.azure.net", topic = "…", subscription = "…" } for Event Grid; '
    '{ subscription = "projects/PROJECT/subscriptions/NAME" } for Pub/Sub; '
    '{ hook = "aws-sns" }, "azure-event-grid" or "gcs-pubsub", where the service calls `tradewind serve`'
)

_SQS_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo")
_SQS_PATH = re.compile(r"/\d{12}/[^/]+")
# An emulator's holds the account too.
_STORAGE_PATH = re.compile(r"(/[a-z0-9]{3,24})?/(?=[^/]{3,63}$)[a-z0-9]+(-[a-z0-9]+)*")
_PUBSUB = re.compile(r"projects/[^/\s]+/subscriptions/[^/\s]+")


class _Events(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    service: ClassVar[str]
    scheme: ClassVar[str]

    def tells_of(self, source: str) -> bool:
        """Whether the service has events of this place, a canonical uri."""
        return source.startswith(f"{self.scheme}:")


class SqsEvents(_Events):
    """S3's events in a queue of Amazon SQS, by its url or its name."""

    service, scheme = "Amazon SQS", "s3"
    queue: str

    @field_validator("queue")
    @classmethod
    def _is_a_queue(cls, queue: str) -> str:
        named = _SQS_NAME.fullmatch(queue) if "://" not in queue else _SQS_PATH.fullmatch(urlsplit(queue).path)
        if not named or _holds_more(queue):
            raise ValueError(f"is the url of a queue or, for SQS, its name, not {_plain(queue)!r}: {SHAPES}")
        return queue

    @property
    def place(self) -> Sqs:
        return Sqs(self.queue)


class StorageQueueEvents(_Events):
    """Event Grid's events in an Azure storage queue, by its url."""

    service, scheme = "an Azure storage queue", "abfss"
    queue: str

    @field_validator("queue")
    @classmethod
    def _is_a_queue(cls, queue: str) -> str:
        if not _STORAGE_PATH.fullmatch(urlsplit(queue).path) or _holds_more(queue):
            raise ValueError(
                f"is the url of a storage queue and nothing more, not {_plain(queue)!r}; credentials come from the "
                "environment"
            )
        return queue

    @property
    def place(self) -> StorageQueue:
        return StorageQueue(self.queue)


class EventGridEvents(_Events):
    """A subscription of an Event Grid namespace's topic, from which events are pulled."""

    service, scheme = "Event Grid", "abfss"
    namespace_endpoint: str
    topic: str
    subscription: str

    @field_validator("namespace_endpoint")
    @classmethod
    def _is_an_endpoint(cls, endpoint: str) -> str:
        # The portal shows the bare host.
        url = endpoint.rstrip("/") if "://" in endpoint else f"https://{endpoint.rstrip('/')}"
        if urlsplit(url).path or not urlsplit(url).hostname or _holds_more(url):
            raise ValueError(f"is the namespace's host, such as https://NAME.REGION-1.eventgrid.azure.net, not {url!r}")
        return url

    @field_validator("topic", "subscription")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9-]{3,50}", name):
            raise ValueError(f"is a name of 3 to 50 letters, digits and -, not {name!r}")
        return name

    @property
    def place(self) -> EventGrid:
        return EventGrid(self.namespace_endpoint, self.topic, self.subscription)


class PubSubEvents(_Events):
    """Cloud Storage's notifications by a Pub/Sub subscription."""

    service, scheme = "Pub/Sub", "gs"
    subscription: str

    @field_validator("subscription")
    @classmethod
    def _is_a_subscription(cls, subscription: str) -> str:
        if not _PUBSUB.fullmatch(subscription):
            raise ValueError(f"is projects/PROJECT/subscriptions/NAME, not {subscription!r}")
        return subscription

    @property
    def place(self) -> PubSub:
        return PubSub(self.subscription)


HookName = Literal["aws-sns", "azure-event-grid", "gcs-pubsub"]
_SCHEMES: dict[HookName, str] = {"aws-sns": "s3", "azure-event-grid": "abfss", "gcs-pubsub": "gs"}


class HookEvents(_Events):
    """Events that the cloud brings to the API itself; whom it believes, the table `[hooks]` says."""

    service = "this hook"
    hook: HookName

    def tells_of(self, source: str) -> bool:
        return source.startswith(f"{_SCHEMES[self.hook]}:")

    @property
    def place(self) -> Hook:
        return Hook(self.hook)


def _chosen(table: object) -> object:
    if isinstance(table, _Events):
        return table
    if not isinstance(table, dict):
        raise ValueError(f"is a table, one of: {SHAPES}")
    return _model_of(table).model_validate(table)


def _model_of(table: dict[str, Any]) -> type[_Events]:
    for model in (SqsEvents, EventGridEvents, PubSubEvents, HookEvents):
        if set(table) == set(model.model_fields):
            return StorageQueueEvents if model is SqsEvents and _of_azure(table["queue"]) else model
    raise ValueError(f"has {_keys(table)}; it is one of: {SHAPES}")


def _keys(table: dict[str, Any]) -> str:
    return f"the keys {', '.join(table)}" if table else "no keys"


def _of_azure(queue: object) -> bool:
    if not isinstance(queue, str) or "://" not in queue:
        return False
    url = urlsplit(queue)
    # Stand-ins for both clouds have any host: only SQS's paths begin with an account's twelve digits.
    return ".queue.core." in url.netloc or not ("sqs" in url.netloc.split(".") or re.match(r"/\d{12}/", url.path))


def _holds_more(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.query or parts.fragment or "@" in parts.netloc)


def _plain(url: str) -> str:
    """Without what may be a signature or a password."""
    return re.sub(r"//[^/]*@", "//", url.partition("?")[0])


Events = Annotated[
    SqsEvents | StorageQueueEvents | EventGridEvents | PubSubEvents | HookEvents, BeforeValidator(_chosen)
]
