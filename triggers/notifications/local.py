"""Messages of the local queue: JSON with a change and a uri."""

import json

from triggers.notifications.port import Appeared, Deleted, Garbled, Notification


def render(change: str, uri: str) -> bytes:
    """The body for a change of `appeared` or `deleted`."""
    return json.dumps({"change": change, "uri": uri}).encode()


def parse(body: bytes) -> list[Notification]:
    """The one notification in a body made by `render`."""
    try:
        match json.loads(body):
            case {"change": "appeared", "uri": str(uri)}:
                return [Appeared(uri)]
            case {"change": "deleted", "uri": str(uri)}:
                return [Deleted(uri)]
    except ValueError:
        return [Garbled("not JSON")]
    return [Garbled("neither an appearance nor a deletion")]
