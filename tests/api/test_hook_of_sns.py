"""Messages that SNS posts: believed by their signatures alone, durable before they are answered."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import new_token
from tests.api.hooking import Hooked
from tests.api.internet import CERTIFICATE, DAY, SNS, TOPIC, Signer, s3_records, sns_message

HOOK = "aws-sns"
CONFIRM = f"{SNS}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=abc"


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer()


@pytest.fixture
def aws(hooks: Hooked, signer: Signer) -> Hooked:
    hooks.internet.served[CERTIFICATE] = 200, signer.certificate
    return hooks


def confirmation(**more: Any) -> dict[str, Any]:
    return sns_message("You have chosen to subscribe", Type="SubscriptionConfirmation", Token="abc", **more)


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_signed_message_is_in_the_journal_when_it_is_answered(aws: Hooked, signer: Signer, version: str) -> None:
    message = sns_message(s3_records("spot/a+b.csv", "spot/%C3%A4.csv", "swaps/c.csv"))
    assert aws.post(HOOK, signer.signed(message, version)).status_code == 204
    assert [arrival.uri for arrival in aws.journaled("spot")] == ["s3://market/spot/a b.csv", "s3://market/spot/ä.csv"]
    (swap,) = aws.journaled("swaps")
    assert (swap.uri, swap.size, swap.seen_by) == ("s3://market/swaps/c.csv", 7, "events")
    assert swap.version == "d41d8cd98f00b204e9800998ecf8427e-7"


def test_a_subject_is_part_of_what_is_signed(aws: Hooked, signer: Signer) -> None:
    message = sns_message(s3_records("spot/a.csv"), Subject="Amazon S3 Notification")
    assert aws.post(HOOK, signer.signed(message)).status_code == 204
    forged = {**signer.signed(message), "Subject": "Another"}
    assert aws.post(HOOK, forged).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"Message": s3_records("spot/forged.csv")},
        {"MessageId": "another"},
        {"Timestamp": sns_message("", timedelta(minutes=1))["Timestamp"]},
        {"Subject": "added"},
        {"Signature": base64.b64encode(b"x" * 256).decode()},
        {"Signature": "no base64!"},
        {"Signature": ""},
        {"SignatureVersion": "1"},
        {"SignatureVersion": "3"},
        {"TopicArn": TOPIC.replace("trades", "other")},
    ],
    ids=lambda change: "-".join(change) + str(next(iter(change.values())))[:3],
)
def test_a_message_that_was_changed_is_refused_and_leaves_nothing(
    aws: Hooked, signer: Signer, change: dict[str, str]
) -> None:
    message = {**signer.signed(sns_message(s3_records("spot/a.csv"))), **change}
    answer = aws.post(HOOK, message)
    assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")
    assert aws.nothing_is_kept()
    assert aws.door.refused["/hooks/aws-sns"] == 1


def test_a_signature_by_another_key_is_refused(aws: Hooked) -> None:
    assert aws.post(HOOK, Signer().signed(sns_message(s3_records("spot/a.csv")))).status_code == 403
    assert aws.nothing_is_kept()


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/x.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/x.pem",
        "https://user@sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/x.pem",
        "https://sns.eu-west-1.amazonaws.com/x.pem?a=b",
        "https://sns.eu-west-1.amazonaws.com/x.pem#a",
        "https://sns.eu-west-1.amazonaws.com/../x.pem",
        "https://sns.eu-west-1.amazonaws.com/x.txt",
        "https://sns.eu-west-1.amazonaws.com/x.pem\n",
        "https://sns.amazonaws.com.evil/x.pem",
        "https://s3.eu-west-1.amazonaws.com/bucket/x.pem",
        "https://sns.s3.amazonaws.com/x.pem",
        "https://sns.s3-us-west-2.amazonaws.com/x.pem",
        "https://sns.s3-accelerate.amazonaws.com/x.pem",
        "https://sns.s3-website-us-east-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com.de/x.pem",
        "https://snsxeu-west-1.amazonaws.com/x.pem",
        "http://sns.eu-west-1.amazonaws.com/x.pem",
        "file:///etc/x.pem",
    ],
)
def test_a_certificate_from_anywhere_else_is_not_even_fetched(aws: Hooked, url: str) -> None:
    forger = Signer()
    aws.internet.served[url] = 200, forger.certificate
    assert aws.post(HOOK, forger.signed(sns_message(s3_records("spot/a.csv")), url=url)).status_code == 403
    assert aws.internet.asked == []
    assert aws.nothing_is_kept()


def test_china_has_hosts_of_its_own(hooks: Hooked, signer: Signer) -> None:
    url = "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-1.pem"
    hooks.internet.served[url] = 200, signer.certificate
    assert hooks.post(HOOK, signer.signed(sns_message(s3_records("spot/a.csv")), url=url)).status_code == 204


@pytest.mark.parametrize(("since", "until"), [(-2 * DAY, -DAY), (DAY, 2 * DAY)], ids=["over", "not yet"])
def test_a_certificate_has_to_be_valid_now(hooks: Hooked, since: timedelta, until: timedelta) -> None:
    signer = Signer(since, until)
    hooks.internet.served[CERTIFICATE] = 200, signer.certificate
    assert hooks.post(HOOK, signer.signed(sns_message(s3_records("spot/a.csv")))).status_code == 403
    assert hooks.nothing_is_kept()


@pytest.mark.parametrize(
    ("status", "content", "expected"),
    [(404, b"", 403), (200, b"no certificate", 403), (302, b"http://127.0.0.1:1/", 403), (503, b"", 503)],
    ids=["none", "nonsense", "elsewhere", "away"],
)
def test_a_certificate_that_cannot_be_had_is_no_proof(
    hooks: Hooked, signer: Signer, status: int, content: bytes, expected: int
) -> None:
    hooks.internet.served[CERTIFICATE] = status, content
    for _ in range(2):
        assert hooks.post(HOOK, signer.signed(sns_message(s3_records("spot/a.csv")))).status_code == expected
    assert hooks.nothing_is_kept()
    assert hooks.internet.asked.count(CERTIFICATE) == (2 if content == b"no certificate" else 1)


def test_a_certificate_is_fetched_once(aws: Hooked, signer: Signer) -> None:
    for number in range(5):
        assert aws.post(HOOK, signer.signed(sns_message(s3_records(f"spot/{number}.csv")))).status_code == 204
    assert aws.internet.asked == [CERTIFICATE]


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (timedelta(minutes=59), 204),
        (timedelta(minutes=61), 403),
        (-timedelta(minutes=4), 204),
        (-timedelta(hours=1), 403),
    ],
    ids=["59 min", "61 min", "4 min ahead", "1 h ahead"],
)
def test_a_message_counts_for_an_hour(aws: Hooked, signer: Signer, ago: timedelta, expected: int) -> None:
    assert aws.post(HOOK, signer.signed(sns_message(s3_records("spot/a.csv"), ago))).status_code == expected
    assert len(aws.journaled("spot")) == (1 if expected == 204 else 0)


def test_a_message_that_comes_again_is_taken_and_changes_nothing(aws: Hooked, signer: Signer) -> None:
    message = signer.signed(sns_message(s3_records("spot/a.csv")))
    assert {aws.post(HOOK, message).status_code for _ in range(3)} == {204}
    assert len(aws.journaled("spot")) == 1
    assert aws.door.desks["aws-sns"].listener.counts.ignored == {"duplicate": 2}


def test_objects_of_no_feed_are_ignored_and_counted(aws: Hooked, signer: Signer) -> None:
    text = s3_records("other/a.csv", "swaps/a.txt", "queued/a.csv", "spot/_SUCCESS")
    assert aws.post(HOOK, signer.signed(sns_message(text))).status_code == 204
    assert aws.post(HOOK, signer.signed(sns_message(json.dumps({"Event": "s3:TestEvent"})))).status_code == 204
    assert aws.nothing_is_kept()
    assert aws.door.desks["aws-sns"].listener.counts.ignored == {"elsewhere": 2, "by_name": 2, "not_an_object": 1}


def test_a_message_that_nobody_can_read_is_kept_as_a_dead_letter(aws: Hooked, signer: Signer) -> None:
    message = signer.signed(sns_message("no JSON at all"))
    assert aws.post(HOOK, message).status_code == 204
    (letter,) = aws.letters()
    assert (letter["queue"], letter["message_id"]) == ("/hooks/aws-sns", message["MessageId"])
    assert json.loads(letter["body"]) == message


def test_a_dead_letter_that_cannot_be_kept_is_to_come_again(aws: Hooked, signer: Signer, tmp_path: Path) -> None:
    aws.open_again(dsn=f"postgresql:///nobody?host={tmp_path}")
    answer = aws.post(HOOK, signer.signed(sns_message("no JSON at all")))
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert aws.post(HOOK, signer.signed(sns_message(s3_records("spot/a.csv")))).status_code == 204  # needs no database


def test_a_journal_that_is_away_is_told_and_nothing_is_lost(aws: Hooked, signer: Signer) -> None:
    place = aws.folder / "state" / "journal"
    place.parent.mkdir(exist_ok=True)
    place.write_text("in the way")
    message = signer.signed(sns_message(s3_records("spot/a.csv")))
    answer = aws.post(HOOK, message)
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert aws.door.desks["aws-sns"].listener.counts.errors == 1
    place.unlink()
    assert aws.post(HOOK, message).status_code == 204
    assert len(aws.journaled("spot")) == 1


def test_many_at_once_are_all_written_down(aws: Hooked, signer: Signer) -> None:
    signed = [signer.signed(sns_message(s3_records(f"spot/{number}.csv"))) for number in range(40)]
    answers: list[int] = []

    def post(message: dict[str, Any]) -> None:
        client = aws.app.test_client()
        answers.append(client.post("/hooks/aws-sns", data=json.dumps(message)).status_code)

    together(post, signed)
    assert answers == [204] * 40
    assert {arrival.uri for arrival in aws.journaled("spot")} == {f"s3://market/spot/{n}.csv" for n in range(40)}


def together(work: Callable[[dict[str, Any]], None], given: list[dict[str, Any]]) -> None:
    threads = [threading.Thread(target=work, args=(one,)) for one in given]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def test_a_subscription_to_our_topic_is_confirmed(aws: Hooked, signer: Signer) -> None:
    aws.internet.served[CONFIRM] = 200, b"<ConfirmSubscriptionResponse/>"
    assert aws.post(HOOK, signer.signed(confirmation(SubscribeURL=CONFIRM))).status_code == 204
    assert aws.internet.asked == [CERTIFICATE, CONFIRM]


@pytest.mark.parametrize(
    "url",
    [
        CONFIRM.replace(SNS, "https://evil.example"),
        CONFIRM.replace(SNS, f"{SNS}.evil.example"),
        CONFIRM.replace("https", "http"),
        CONFIRM.replace("ConfirmSubscription", "Unsubscribe"),
        CONFIRM.replace("trades", "other"),
        f"{CONFIRM}&Action=Unsubscribe",
        SNS,
    ],
)
def test_a_confirmation_leads_to_sns_or_nowhere(aws: Hooked, signer: Signer, url: str) -> None:
    aws.internet.served[url] = 200, b""
    assert aws.post(HOOK, signer.signed(confirmation(SubscribeURL=url))).status_code == 403
    assert aws.internet.asked == [CERTIFICATE]


def test_a_subscription_to_another_topic_or_a_forged_one_is_not_confirmed(aws: Hooked, signer: Signer) -> None:
    other = confirmation(SubscribeURL=CONFIRM, TopicArn=TOPIC.replace("trades", "other"))
    assert aws.post(HOOK, signer.signed(other)).status_code == 403
    assert aws.post(HOOK, {**signer.signed(confirmation(SubscribeURL=CONFIRM)), "Token": "changed"}).status_code == 403
    assert CONFIRM not in aws.internet.asked


def test_a_confirmation_that_sns_does_not_take_now_is_to_come_again(aws: Hooked, signer: Signer) -> None:
    aws.internet.served[CONFIRM] = 500, b""
    assert aws.post(HOOK, signer.signed(confirmation(SubscribeURL=CONFIRM))).status_code == 503


def test_the_end_of_a_subscription_is_taken_note_of(aws: Hooked, signer: Signer) -> None:
    ended = {**confirmation(SubscribeURL=CONFIRM), "Type": "UnsubscribeConfirmation"}
    assert aws.post(HOOK, signer.signed(ended)).status_code == 204
    assert CONFIRM not in aws.internet.asked


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"7", s3_records("spot/a.csv").encode(), b'{"Type": "Notification"}', b"[" * 100_000, b"\xff"],
    ids=["nothing", "half", "list", "number", "raw", "parts", "deep", "bytes"],
)
def test_what_is_no_message_of_sns_is_refused(aws: Hooked, body: bytes) -> None:
    assert aws.post(HOOK, body).status_code == 400
    assert aws.nothing_is_kept()
    assert aws.internet.asked == []


def test_a_body_may_be_large_and_not_larger(aws: Hooked, signer: Signer) -> None:
    assert aws.post(HOOK, signer.signed(sns_message("x" * (1 << 20)))).status_code == 413
    assert aws.nothing_is_kept()


def test_metrics_tell_what_came_and_what_was_refused(aws: Hooked, signer: Signer) -> None:
    aws.post(HOOK, signer.signed(sns_message(s3_records("spot/a.csv", "swaps/b.csv"))))
    aws.post(HOOK, {**signer.signed(sns_message("")), "Message": "forged"})
    token = new_token(aws.dsn, "prometheus", "viewer")
    text = aws.client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).text
    assert 'tradewind_arrivals_journaled_total{queue="/hooks/aws-sns"} 2.0' in text
    assert 'tradewind_hook_refusals_total{queue="/hooks/aws-sns"} 1.0' in text
    assert 'tradewind_hook_refusals_total{queue="/hooks/gcs-pubsub"} 0.0' in text


def test_a_hook_without_settings_is_not_there(hooks: Hooked, signer: Signer) -> None:
    hooks.open_again(aws_sns=None)
    assert hooks.post(HOOK, signer.signed(sns_message(s3_records("spot/a.csv")))).status_code == 404
