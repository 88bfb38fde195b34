"""The configuration file: checked whole, and clear about what is wrong."""

import pickle
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from streaming.errors import SettingsError
from streaming.settings import Settings, load
from streaming.tables import Discovery
from streaming.units import Ceiling, byte_size, duration, written

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "tradewind.toml"
        path.write_text(text)
        return path

    return write


def read(path: Path) -> Settings:
    return load(path, environ={})


def refusal(path: Path) -> str:
    with pytest.raises(SettingsError) as refused:
        read(path)
    return str(refused.value)


def test_an_empty_file_means_the_defaults_beside_it(write: Write, tmp_path: Path) -> None:
    settings = read(write(""))
    assert settings.database.url == "embedded"
    assert settings.state.dir == tmp_path / "state"
    assert settings.batch.max_bytes == 512 * 1024 * 1024
    assert settings.stream.processing_time == "50 milliseconds"
    assert settings.retention.journal == timedelta(days=1)


def test_relative_paths_start_at_the_files_folder(write: Write, tmp_path: Path) -> None:
    text = """
        [state]
        dir = "var/state"
        [feeds.spot]
        source = "incoming files/*/trades-*.csv"
        profile = "layouts/own.toml"
    """
    settings = read(write(text))
    assert settings.state.dir == tmp_path / "var/state"
    assert settings.feeds["spot"].source == f"file://{tmp_path}/incoming files/*/trades-*.csv"
    assert settings.feeds["spot"].profile == str(tmp_path / "layouts/own.toml")


@pytest.mark.parametrize(
    ("source", "uri"),
    [
        ("/data/a b/", "file:///data/a b"),
        ("file:/data/%20", "file:///data/%20"),
        ("file:///data//x/../y", "file:///data/y"),
        ("s3a://bucket/spot/", "s3://bucket/spot/"),
        ("GS://bucket/Spot", "gs://bucket/Spot"),
    ],
)
def test_a_source_becomes_one_canonical_uri(write: Write, source: str, uri: str) -> None:
    assert read(write(f'[feeds.a]\nsource = "{source}"\nprofile = "p"')).feeds["a"].source == uri


def test_all_faults_are_told_at_once_with_their_lines(write: Write) -> None:
    path = write('[database]\nulr = "x"\nmax_writers = 0\n\n[feeds.a]\nsource = "in"\ndiscovery = "event"\n')
    told = refusal(path)
    assert f"{path}:2: database.ulr is unknown (did you mean 'url'?)" in told
    assert f"{path}:3: database.max_writers" in told
    assert f"{path}:7: feeds.a.discovery is 'events', 'listing' or 'sweep'" in told
    assert f"{path}:5: feeds.a.profile is missing" in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[feeds.a\n", "not valid TOML"),
        ('[feds.a]\nsource = "x"', "feds is unknown (did you mean 'feeds'?)"),
        ("[stream]\ntrigger = 5", "duration with its unit"),
        ("[stream]\nhealth_port = true", "or false to switch"),
        ('[batch]\nmax_bytes = "64 megs"', "a size in bytes"),
        ("[database]\npostgres_version = 15", "is 16 or 18"),
        ("[spark]\nmaster = 3", "spark has master = '3': it is a text such as \"local[4]\""),
        ('[spark]\nmaster = "locl[2]"', "spark has master = 'locl[2]'"),
        ('[spark]\nmaster = ["local"]', "spark has master = ['local']: a setting of Spark is a text, a number"),
        ("[spark.executor]\nmemory = [2]", "spark has executor.memory = [2]"),
        ("spark = 3", "spark is a table of settings"),
        ('[[spark]]\nmaster = "local"', "spark is a table of settings"),
        ('[database]\nurl = "mysql://x"', "postgresql://"),
        ('[database]\ndirect_url = "postgresql://x"', "no meaning"),
        ('[state]\ndir = "s3a://bucket/state"', "local folder"),
        ('[feeds."a/b"]\nsource = "x"\nprofile = "p"', "letters, digits"),
        ('[feeds.a]\nsource = "ftp://x"\nprofile = "p"', "scheme 'ftp'"),
        ('[feeds.a]\nsource = ""\nprofile = "p"', "is empty"),
        ('[feeds.a]\nsource = "x"\nprofile = "p"\nmax_rejects = "200%"', "a share of a file's records"),
        ('[feeds.a]\nsource = "x"\nprofile = "p"\ncomplete = "settle:soon"', "settle:10s"),
        ('[feeds.a]\nsource = "s3a://b/x"\nprofile = "p"\ndiscovery = "events"', "names the queue"),
        (
            '[feeds.a]\nsource = "x"\nprofile = "p"\ndiscovery = "sweep"\n[feeds.a.events]\nqueue = "q"',
            "does not use",
        ),
        (
            '[feeds.a]\nsource = "x"\nprofile = "p"\n[feeds.A]\nsource = "y"\nprofile = "p"',
            "upper and lower case",
        ),
    ],
)
def test_what_cannot_work_is_refused_with_what_is_allowed(write: Write, text: str, said: str) -> None:
    assert said in refusal(write(text))


def test_a_missing_file_names_the_way_to_one(tmp_path: Path) -> None:
    assert "tradewind init" in refusal(tmp_path / "nothing.toml")


def test_the_environment_names_the_file_and_the_database(write: Write) -> None:
    path = write('[database]\nurl = "embedded"')
    environ = {"TRADEWIND_CONFIG": str(path), "TRADEWIND_DATABASE_URL": "postgresql://me:secret@db/t"}
    settings = load(environ=environ)
    assert settings.dsn() == "postgresql://me:secret@db/t"
    assert "secret" not in repr(settings)


@pytest.mark.parametrize("url", ["postgresql://me:secret@db/t", "postgresql://db/t?password=secret"])
def test_a_password_in_the_file_is_refused_and_not_repeated(write: Write, url: str) -> None:
    told = refusal(write(f'[database]\nurl = "{url}"'))
    assert "password_file" in told
    assert "secret" not in told


def test_the_password_comes_from_its_file(write: Write, tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("p@ss:/word\n")
    path = write('[database]\nurl = "postgresql://me@db:5433/t"\npassword_file = "pw"')
    assert read(path).dsn() == "postgresql://me:p%40ss%3A%2Fword@db:5433/t"


def test_a_password_file_that_is_missing_is_a_fault_of_the_configuration(write: Write) -> None:
    settings = read(write('[database]\nurl = "postgresql://me@db/t"\npassword_file = "pw"'))
    with pytest.raises(SettingsError, match=r"database\.password_file"):
        settings.dsn()


def test_spark_confs_may_be_nested_and_left_without_their_prefix(write: Write) -> None:
    settings = read(write('[spark]\nmaster = "local[2]"\nspark.executor.memory = "2g"\nui.enabled = true\n'))
    assert settings.spark == {
        "spark.master": "local[2]",
        "spark.executor.memory": "2g",
        "spark.ui.enabled": "true",
    }


@pytest.mark.parametrize(
    "master", ["local", "local[*]", "local[4, 2]", "yarn", "spark://a:7077", "k8s://https://a:6443"]
)
def test_every_kind_of_master_is_taken(write: Write, master: str) -> None:
    assert read(write(f'[spark]\nmaster = "{master}"')).spark == {"spark.master": master}


def test_settings_can_be_sent_to_tasks(write: Write) -> None:
    settings = read(write('[feeds.a]\nsource = "x"\nprofile = "p"\nmax_rejects = 5'))
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_health_can_be_switched_off(write: Write) -> None:
    assert read(write("[stream]\nhealth_port = false")).stream.health_port is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("50 milliseconds", 0.05), ("10s", 10), ("1.5 h", 5400), ("90d", 7_776_000), ("5min", 300)],
)
def test_durations_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["0s", "1us", "50ms", "90s", "36h", "7d", "5min", "1500ms"])
def test_durations_are_written_as_they_are_read(text: str) -> None:
    assert written(duration(text)) == text


@pytest.mark.parametrize(("text", "size"), [(7, 7), ("64MiB", 1 << 26), ("1GB", 10**9), ("1.5KiB", 1536)])
def test_sizes_are_read_as_people_write_them(text: object, size: int) -> None:
    assert byte_size(text) == size


def test_a_ceiling_is_a_share_or_a_count() -> None:
    share, count = Ceiling.parse("1%"), Ceiling.parse(3)
    assert share == Ceiling(share=Decimal("0.01"))
    assert not share.exceeded(1, 100)
    assert share.exceeded(2, 100)
    assert not share.exceeded(1, 2)
    assert share.exceeded(1, 1)  # nothing but bad lines
    assert not count.exceeded(3, 10)
    assert count.exceeded(4, 1_000_000)
    assert [str(share), str(count)] == ["1%", "3"]


def test_a_share_is_rounded_up_so_that_one_bad_line_spares_a_small_file() -> None:
    share = Ceiling.parse("1%")
    assert not share.exceeded(1, 10)
    assert share.exceeded(2, 10)
    assert Ceiling.parse("0%").exceeded(1, 10)


@pytest.mark.parametrize(("found_by", "often", "full"), [("sweep", 10, 3_600), ("events", 600, 21_600)])
def test_what_only_sweeps_find_is_swept_sooner_unless_it_is_set(
    write: Write, found_by: Discovery, often: int, full: int
) -> None:
    stream = read(write("")).stream
    assert (stream.sweeps_every(found_by), stream.full_sweeps_every(found_by)) == (
        timedelta(seconds=often), timedelta(seconds=full)
    )  # fmt: skip
    stream = read(write('[stream]\nsweep_every = "1s"\nfull_sweep_every = "2s"\n')).stream
    assert (stream.sweeps_every(found_by), stream.full_sweeps_every(found_by)) == (
        timedelta(seconds=1), timedelta(seconds=2)
    )  # fmt: skip


def test_loaded_files_stay_unless_it_is_said_where_they_go(write: Write, tmp_path: Path) -> None:
    feed = '[feeds.a]\nsource = "in"\nprofile = "p"\n'
    assert read(write(feed)).feeds["a"].after_load == "keep"
    made = read(write(feed + 'after_load = "archive"\nafter_load_after = "30d"\narchive_to = "old"\n')).feeds["a"]
    assert (made.archive_to, made.after_load_after) == (f"file://{tmp_path}/old", timedelta(days=30))


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('after_load = "archive"', "needs archive_to"),
        ('archive_to = "old"', "needs archive_to"),
        ('after_load = "delete"\narchive_to = "old"', "needs archive_to"),
        ('after_load_after = "7d"', "does not use"),
        ('after_load = "archive"\narchive_to = "in/old"', "within its own source"),
        ('after_load = "archive"\narchive_to = "."', "within its own source"),
        ('after_load = "archive"\narchive_to = "gs://bucket/old"', "another store"),
        ('after_load = "remove"', "'keep', 'archive' or 'delete'"),
    ],
)
def test_clearing_that_could_lose_or_load_again_is_refused(write: Write, lines: str, told: str) -> None:
    assert told in refusal(write(f'[feeds.a]\nsource = "in"\nprofile = "p"\n{lines}\n'))
