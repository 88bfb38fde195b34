"""What of a configuration goes to a cluster, and what is refused or left here."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli_tool import packing, submitting, toml_text
from cloud_jobs.errors import PackageError
from streaming.settings import Settings, load

SHARED = '[state]\njournal = "s3://b/journal"\ncheckpoints = "s3://b/checkpoints"\n'
FEED = '[feeds.a]\nsource = "s3://b/in/"\nprofile = "demo-exchange"\n'
Packing = Callable[..., packing.Packed]


@pytest.fixture
def packed(tmp_path: Path) -> Packing:
    """Packs a text as tradewind.toml."""

    def made(text: str, **environ: str) -> packing.Packed:
        path = tmp_path / "tradewind.toml"
        path.write_text(text)
        return packing.packed(load(path, environ={}), path, environ)

    return made


def test_what_belongs_to_this_machine_stays_here(packed: Packing) -> None:
    found = packed(
        '[database]\nurl = "postgresql://me@db/x"\npassword_file = "pw"\n'
        f'{SHARED}dir = "/var/tradewind"\n{FEED}'
        '[api]\nhost = "127.0.0.1"\n[spark]\nmaster = "local[4]"\n[s3]\nprofile = "mine"\nregion = "eu-west-1"\n'
        '[jobs.x]\nkind = "standalone"\nmaster = "spark://h:7077"\npackages = "p"\n'
    )
    assert tomllib.loads(found.files["tradewind.toml"]) == {
        "database": {"url": "postgresql://me@db/x"},
        "state": {"journal": "s3://b/journal", "checkpoints": "s3://b/checkpoints"},
        "feeds": {"a": {"source": "s3://b/in/", "profile": "demo-exchange"}},
        "s3": {"region": "eu-west-1", "connector": "provided"},
    }
    assert found.needs == ["PGPASSWORD"]
    assert any("password_file" in note for note in found.notes)
    assert any("s3.profile" in note for note in found.notes)


def test_without_a_server_the_jobs_environment_has_to_name_one(packed: Packing) -> None:
    assert packed(SHARED + FEED).needs == ["TRADEWIND_DATABASE_URL"]


def test_a_profile_of_ones_own_goes_along(packed: Packing, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("name = 'own'\n")
    found = packed(SHARED + FEED.replace("demo-exchange", "own.toml"))
    assert found.files["profiles/a.toml"] == "name = 'own'\n"
    assert tomllib.loads(found.files["tradewind.toml"])["feeds"]["a"]["profile"] == "profiles/a.toml"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (FEED, "state.journal is not set"),
        ('[state]\njournal = "j"\ncheckpoints = "/c"\n' + FEED, "state.journal = 'j' starts at this machine"),
        (SHARED + FEED.replace("s3://b/in/", "in"), "feeds.a.source = 'in' starts at this machine"),
        (SHARED + FEED + '[s3]\nendpoint = "https://key:secret@host"\n', "tradewind.toml would hold a secret"),
        (SHARED + FEED + '[s3]\nendpoint = "https://host/?sig=abcdef"\n', "tradewind.toml would hold a secret"),
    ],
    ids=["no journal", "a relative journal", "a relative source", "a password in an address", "a signature"],
)
def test_what_no_cluster_could_use_or_all_could_read_is_refused(packed: Packing, text: str, told: str) -> None:
    with pytest.raises(PackageError, match=told):
        packed(text)


def test_the_value_of_a_secret_in_the_environment_is_found_wherever_it_stands(packed: Packing) -> None:
    text = SHARED + FEED + '[feeds.a.values]\naccount = "correct-horse-battery"\n'
    with pytest.raises(PackageError, match="the value of PGPASSWORD"):
        packed(text, PGPASSWORD="correct-horse-battery")
    packed(text, PGPASSWORD="another-one-entirely")


def test_a_folder_of_jars_is_refused(packed: Packing, tmp_path: Path) -> None:
    (tmp_path / "jars").mkdir()
    (tmp_path / "jars" / "a.jar").touch()
    with pytest.raises(PackageError, match=r"s3.connector is a folder of this machine"):
        packed(SHARED + FEED + '[s3]\nconnector = "jars"\n')


def _settings(tmp_path: Path, text: str = "") -> Settings:
    path = tmp_path / "tradewind.toml"
    path.write_text(SHARED + FEED + text)
    return load(path, environ={})


def test_sparks_settings_go_into_the_request_but_for_where_this_machine_is(tmp_path: Path) -> None:
    settings = _settings(
        tmp_path, '[spark]\nmaster = "local[2]"\ndriver.host = "127.0.0.1"\nsql.shuffle.partitions = 7\n'
    )
    conf = packing.conf(settings, {"spark.task.maxFailures": "9"})
    assert conf["spark.sql.shuffle.partitions"] == "7"
    assert conf["spark.task.maxFailures"] == "9"
    assert conf["spark.sql.session.timeZone"] == "UTC"
    assert "spark.master" not in conf
    assert "spark.driver.host" not in conf


@pytest.mark.parametrize(
    "name", ["spark.hadoop.fs.s3a.secret.key", "spark.hadoop.fs.azure.account.key.x", "spark.a.password"]
)
def test_a_secret_among_sparks_settings_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(PackageError, match="for all to see"):
        packing.conf(_settings(tmp_path), {name: "x"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("spark.jars.repositories", "https://me:hunter2@repository.example/m2"),
        ("spark.driver.extraJavaOptions", "-Djavax.net.ssl.trustStorePassword=hunter2"),
    ],
    ids=["an address", "an option of Java's"],
)
def test_a_secret_in_what_a_setting_says_is_refused_and_not_repeated(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(PackageError, match=f"{name} holds what looks like a secret") as refused:
        packing.conf(_settings(tmp_path), {name: value})
    assert "hunter2" not in str(refused.value)


def test_the_value_of_a_secret_is_found_among_settings_and_the_words_of_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "correct-horse-battery")
    settings = _settings(tmp_path)
    with pytest.raises(PackageError, match=r"the setting spark\.app\.note would hold the value of PGPASSWORD"):
        packing.conf(settings, {"spark.app.note": "correct-horse-battery"})
    with pytest.raises(PackageError, match="the command would hold the value of PGPASSWORD"):
        submitting.understood(settings, ["backfill", "a", "--prefix=correct-horse-battery"])
    submitting.understood(settings, ["backfill", "a"])


def test_a_reference_that_the_service_resolves_is_no_secret(tmp_path: Path) -> None:
    options = {"spark.driver.extraJavaOptions": "-Djavax.net.ssl.trustStorePassword={{secrets/scope/key}}"}
    assert packing.conf(_settings(tmp_path), options).items() >= options.items()


def test_connectors_are_those_of_the_clusters_spark_and_none_of_what_it_brings(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    assert "org.apache.hadoop:hadoop-aws:3.5.0" in packing.coordinates(settings, "4.3", ())[0]
    assert "org.apache.hadoop:hadoop-aws:3.3.4" in packing.coordinates(settings, "3.5", ())[0]
    assert packing.coordinates(settings, "4.0", ("s3",)) == ((), ())
    with pytest.raises(PackageError, match=r"no packages are known that make Spark 4.0 reach s3 .*4.3, 3.5"):
        packing.coordinates(settings, "4.0", ())


_KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=8)
_VALUES = st.recursive(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"])) | st.booleans() | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False) | st.dates() | st.datetimes(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(_KEYS, below, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(_KEYS, _VALUES, max_size=5))
def test_what_is_written_as_toml_is_read_the_same(table: dict[str, object]) -> None:
    assert tomllib.loads(toml_text.written(table)) == table
