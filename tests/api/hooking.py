"""An app with all three hooks, one feed each, and what became of their messages."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from apiflask import APIFlask
from flask.testing import FlaskClient
from psycopg2.extras import RealDictCursor
from werkzeug.test import TestResponse

from api.app import create_app
from api.hooks.door import Door
from api.hooks.sns import utc_now
from sinks import database
from streaming.journaling import live_journal
from streaming.settings import Settings
from tests.api.internet import TOPIC, Internet, internet
from triggers.arrival import Arrival

SECRET, NEXT = "the-first-secret-of-all", "the-secret-after-that"
TENANT = "11111111-2222-3333-4444-555555555555"
PUSHED_TO, SIGNS = "https://desk.example.com/hooks/gcs-pubsub", "push@market.iam.gserviceaccount.com"

FEEDS = {
    "spot": {"source": "s3://market/spot/", "events": {"hook": "aws-sns"}},
    "swaps": {"source": "s3://market/swaps/*.csv", "events": {"hook": "aws-sns"}},
    "queued": {"source": "s3://market/queued/", "events": {"queue": "trades"}},
    "blobs": {
        "source": "abfss://trades@devstoreaccount1.dfs.core.windows.net/in/",
        "events": {"hook": "azure-event-grid"},
    },
    "objects": {"source": "gs://market/in/", "events": {"hook": "gcs-pubsub"}},
}


@dataclasses.dataclass
class Hooked:
    """`settings` are the app's; `client` has no token."""

    settings: Settings
    app: APIFlask
    client: FlaskClient
    internet: Internet
    dsn: str
    folder: Path

    @property
    def door(self) -> Door:
        found: Door = self.app.extensions["tradewind_hooks"]
        return found

    def open_again(
        self,
        clock: Callable[[], datetime] = utc_now,
        dsn: str | None = None,
        environ: Mapping[str, str] | None = None,
        **hooks: Any,
    ) -> None:
        """With other settings of `[hooks]`."""
        told = {
            **self.settings.hooks.model_dump(by_alias=True),
            **{name.replace("_", "-"): of for name, of in hooks.items()},
        }
        settings = self.settings.model_copy(update={"hooks": type(self.settings.hooks).model_validate(told)})
        self.app.extensions["tradewind_hooks"] = Door(
            settings, dsn or self.dsn, self.internet.fetch, clock, environ or {}
        )

    def journaled(self, feed: str) -> list[Arrival]:
        """What a stream of the feed will find."""
        files = live_journal(self.settings, feed).since("")
        return [arrival for _, arrivals in files for arrival in arrivals]

    def journal_files(self, feed: str) -> int:
        return len(list(live_journal(self.settings, feed).since("")))

    def letters(self) -> list[dict[str, Any]]:
        connection = database.connect(self.dsn)
        with database.transaction(connection), connection.cursor(cursor_factory=RealDictCursor) as cursor:
            cursor.execute("SELECT queue, message_id, body, reason FROM tradewind.dead_letters ORDER BY letter_id")
            found = [{**row, "body": bytes(row["body"])} for row in cursor.fetchall()]
        connection.close()
        return found

    def nothing_is_kept(self) -> bool:
        return not any(map(self.journaled, FEEDS)) and not self.letters()

    def post(self, hook: str, message: object, query: str = "", **headers: str) -> TestResponse:
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return self.client.post(f"/hooks/{hook}{query}", data=body, headers=headers)


def hooked(dsn: str, folder: Path) -> Iterator[Hooked]:
    """With its secret in a file."""
    database.execute_alone(dsn, "TRUNCATE tradewind.dead_letters")
    (folder / "secret").write_text(f"{SECRET}\n")
    feeds = {name: {"profile": "demo-exchange", **feed} for name, feed in FEEDS.items()}
    hooks = {
        "aws-sns": {"topics": [TOPIC]},
        "azure-event-grid": {"secret_files": [str(folder / "secret")]},
        "gcs-pubsub": {"audience": PUSHED_TO, "email": SIGNS},
    }
    told = {"database": {"url": dsn}, "state": {"dir": str(folder / "state")}, "feeds": feeds, "hooks": hooks}
    settings = Settings.model_validate(told)
    app = create_app(settings, dsn)
    with internet() as served:
        made = Hooked(settings, app, app.test_client(), served, dsn, folder)
        made.open_again()
        yield made
    app.extensions["tradewind"].pool.close()
