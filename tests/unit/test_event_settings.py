"""Which service tells of a feed's files: four shapes, told apart by their keys, and clear about anything else."""

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from cli_tool import outcome, run
from cli_tool.app import App
from cli_tool.doctor import examine
from streaming.errors import SettingsError
from streaming.feeds import plans
from streaming.settings import load
from triggers.queues import EventGrid, Hook, Place, PubSub, Sqs, StorageQueue

SQS = "https://sqs.eu-west-1.amazonaws.com/123456789012/trades"
STORAGE = "https://market.queue.core.windows.net/trades"
AZURE = "abfss://trades@market.dfs.core.windows.net/x"
GRID = 'topic = "blobs", subscription = "trades"'

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(source: str, events: str) -> Path:
        path = tmp_path / "tradewind.toml"
        path.write_text(f'[feeds.a]\nsource = "{source}"\nprofile = "binance-spot-trades"\nevents = {events}\n')
        return path

    return write


def place(path: Path) -> Place | Hook | None:
    (plan,) = plans(load(path, environ={}))
    assert plan.discovery == "events"
    assert pickle.loads(pickle.dumps(plan)) == plan
    return plan.events


def refusal(path: Path) -> str:
    with pytest.raises(SettingsError) as refused:
        load(path, environ={})
    return str(refused.value)


@pytest.mark.parametrize(
    ("source", "events", "expected"),
    [
        ("s3a://b/x", f'{{ queue = "{SQS}" }}', Sqs(SQS)),
        ("s3a://b/x", '{ queue = "trades" }', Sqs("trades")),
        ("s3a://b/x", '{ queue = "trades.fifo" }', Sqs("trades.fifo")),
        ("s3a://b/x", f'{{ queue = "{SQS}.fifo" }}', Sqs(f"{SQS}.fifo")),
        ("s3a://b/x", '{ queue = "http://127.0.0.1:1/000000000000/q" }', Sqs("http://127.0.0.1:1/000000000000/q")),
        (AZURE, f'{{ queue = "{STORAGE}" }}', StorageQueue(STORAGE)),
        (
            AZURE,
            '{ queue = "http://127.0.0.1:1/devstoreaccount1/q-1" }',
            StorageQueue("http://127.0.0.1:1/devstoreaccount1/q-1"),
        ),
        (
            AZURE,
            f'{{ namespace_endpoint = "n.westeurope-1.eventgrid.azure.net", {GRID} }}',
            EventGrid("https://n.westeurope-1.eventgrid.azure.net", "blobs", "trades"),
        ),
        (
            AZURE,
            f'{{ namespace_endpoint = "http://127.0.0.1:1/", {GRID} }}',
            EventGrid("http://127.0.0.1:1", "blobs", "trades"),
        ),
        ("gs://b/x", '{ subscription = "projects/p/subscriptions/s" }', PubSub("projects/p/subscriptions/s")),
    ],
)
def test_each_shape_names_its_service(write: Write, source: str, events: str, expected: Place) -> None:
    assert place(write(source, events)) == expected


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ('{ quue = "trades" }', "feeds.a.events has the keys quue; it is one of: { queue = "),
        ('{ kind = "s3-sqs", queue = "trades" }', "has the keys kind, queue; it is one of"),
        ("{}", "has no keys; it is one of"),
        ('{ topic = "t", subscription = "s" }', "has the keys topic, subscription; it is one of"),
        ('"trades"', "feeds.a.events is a table, one of"),
        ("{ queue = 5 }", "feeds.a.events.queue input should be a valid string, not 5"),
        ('{ queue = "" }', "feeds.a.events.queue is the url of a queue or, for SQS, its name"),
        ('{ queue = "arn:aws:sqs:eu-west-1:123456789012:trades" }', "not 'arn:aws:sqs:eu-west-1:123456789012:trades'"),
        ('{ queue = "https://sqs.eu-west-1.amazonaws.com/trades" }', "the url of a queue or, for SQS, its name"),
        (f'{{ queue = "{SQS}?x=1" }}', "feeds.a.events.queue is the url of a queue"),
        ('{ queue = "https://m.queue.core.windows.net/" }', "the url of a storage queue and nothing more"),
        (f'{{ namespace_endpoint = "https://n/topics/x", {GRID} }}', "is the namespace's host"),
        ('{ namespace_endpoint = "n", topic = "a/b", subscription = "sub" }', "events.topic is a name of 3 to 50"),
        ('{ subscription = "trades" }', "events.subscription is projects/PROJECT/subscriptions/NAME, not 'trades'"),
    ],
)
def test_anything_else_is_refused_with_what_is_allowed(write: Write, events: str, said: str) -> None:
    path = write("s3a://b/x", events)
    told = refusal(path)
    assert said in told
    assert told.startswith(f"{path}:4: ")


@pytest.mark.parametrize("url", [f"{STORAGE}?sv=1&sig=hunter2", "https://me:hunter2@sqs.eu-west-1.amazonaws.com/1/q"])
def test_a_secret_in_a_queues_url_is_refused_and_not_repeated(write: Write, url: str) -> None:
    assert "hunter2" not in refusal(write("s3a://b/x", f'{{ queue = "{url}" }}'))


@pytest.mark.parametrize(
    ("source", "events", "service"),
    [
        ("gs://b/x", f'{{ queue = "{SQS}" }}', "Amazon SQS"),
        ("s3a://b/x", f'{{ queue = "{STORAGE}" }}', "an Azure storage queue"),
        ("s3a://b/x", '{ subscription = "projects/p/subscriptions/s" }', "Pub/Sub"),
        ("/data/in", '{ queue = "trades" }', "Amazon SQS"),
    ],
)
def test_a_service_that_never_tells_of_the_source_is_refused(
    write: Write, source: str, events: str, service: str
) -> None:
    assert f"feeds.a has the events of {service}, which never tells of " in refusal(write(source, events))


HOOKED = """
[feeds.a]
source = "{source}"
profile = "demo-exchange"
events = {{ hook = "{hook}" }}
{table}
"""


def hooked(tmp_path: Path, source: str, hook: str, table: str) -> Path:
    path = tmp_path / "tradewind.toml"
    path.write_text(HOOKED.format(source=source, hook=hook, table=table))
    return path


TOPICS = '[hooks.aws-sns]\ntopics = ["arn:aws:sns:eu-west-1:123456789012:trades"]'


def test_a_hook_is_no_queue_and_has_its_own_table(tmp_path: Path) -> None:
    (plan,) = plans(load(hooked(tmp_path, "s3://b/x", "aws-sns", TOPICS), environ={}))
    assert (plan.events, plan.discovery, str(plan.events)) == (Hook("aws-sns"), "events", "/hooks/aws-sns")


def test_doctor_and_listen_know_that_a_hook_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = hooked(tmp_path, "s3://b/x", "aws-sns", TOPICS)
    (told,) = [one for one in examine(App(config)) if one.check.startswith(("hooks", "queue"))]
    assert (told.check, told.ok) == ("hooks", True)
    assert told.detail == "`tradewind serve` answers /hooks/aws-sns for a"
    monkeypatch.chdir(tmp_path)
    assert run.main(["listen"]) == outcome.USAGE
    assert "`tradewind serve` journals" in capsys.readouterr().err


def test_doctor_tells_of_a_hook_that_could_know_nobody(tmp_path: Path) -> None:
    config = hooked(tmp_path, AZURE, "azure-event-grid", '[hooks.azure-event-grid]\nsecret_files = ["gone"]')
    (told,) = [one for one in examine(App(config)) if one.check == "hooks"]
    assert not told.ok
    assert "a secret of ours cannot be read" in told.detail
    assert str(tmp_path / "gone") in told.detail


@pytest.mark.parametrize(
    ("source", "hook", "table", "told"),
    [
        ("s3://b/x", "aws-sns", "", "no table [hooks.aws-sns]"),
        ("gs://b/x", "aws-sns", TOPICS, "never tells of gs://b/x"),
        ("s3://b/x", "sns", TOPICS, "'aws-sns', 'azure-event-grid' or 'gcs-pubsub'"),
        ("s3://b/x", "aws-sns", '[hooks.aws-sns]\ntopics = ["trades"]', "a topic is arn:aws:sns:"),
        ("s3://b/x", "aws-sns", "[hooks.aws-sns]\ntopics = []", "hooks.aws-sns.topics"),
        (
            "s3://b/x",
            "aws-sns",
            "[hooks.aws-sns]\ntopic = 1",
            "hooks.aws-sns.topic is unknown (did you mean 'topics'?)",
        ),
        ("s3://b/x", "aws-sns", f"{TOPICS}\n[hooks.sns]", "allowed are aws-sns, azure-event-grid, gcs-pubsub"),
        ("s3://b/x", "aws-sns", f"read_with = 'spark'\n{TOPICS}", "only Spark can read"),
    ],
)
def test_a_hook_that_cannot_work_is_refused(tmp_path: Path, source: str, hook: str, table: str, told: str) -> None:
    assert told in refusal(hooked(tmp_path, source, hook, table))
