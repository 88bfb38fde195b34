"""From an upload to rows by a webhook: a cloud calls the API, and a stream elsewhere loads what the API journaled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.hooks.door import Door
from tests.acceptance.aws_feed import AwsFeed
from tests.acceptance.cloud_feed import CloudFeed
from tests.acceptance.desk import row, table
from tests.acceptance.feeds import FEEDS, Fixture
from tests.api.internet import CERTIFICATE, TOPIC, Internet, Signer, internet, sns_message


class Called(AwsFeed):
    """S3 telling SNS, which calls: the messages are taken from a queue and signed as SNS does it."""

    @property
    def events(self) -> dict[str, str]:
        return {"hook": "aws-sns"}

    @property
    def tables(self) -> dict[str, dict[str, Any]]:
        return {**super().tables, "hooks": {"aws-sns": {"topics": [TOPIC]}}}


def _called(fixture: Fixture, folder: Path, dsn: str, session: Any) -> CloudFeed:
    return Called(folder, dsn, session, fixture("aws"))


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> CloudFeed:
    monkeypatch.setitem(FEEDS, "s3", _called)
    made: CloudFeed = request.getfixturevalue("bucket")
    return made


@pytest.fixture
def served() -> Iterator[Internet]:
    with internet() as made:
        yield made


def test_an_upload_is_told_by_a_hook_and_costs_one_request_to_the_bucket(called: CloudFeed, served: Internet) -> None:
    signer, app = Signer(), create_app(called.whole_settings, called.dsn)
    served.served[CERTIFICATE] = 200, signer.certificate
    app.extensions["tradewind_hooks"] = Door(called.whole_settings, called.dsn, served.fetch)
    told = called.divert()
    with called.streaming():
        called.until_swept()
        called.forget()
        called.put("a b+é%.csv", table(row(1), row(2)))
        for body in told():
            signed = signer.signed(sns_message(body))
            for _ in range(2):  # SNS may bring it twice
                assert app.test_client().post("/hooks/aws-sns", data=json.dumps(signed)).status_code == 204
        called.until_rows(2)
        assert called.asked_of_bucket() == {called.names.read: 1}
    assert called.states() == {"a b+é%.csv": ["loaded"]}
    app.extensions["tradewind"].pool.close()
