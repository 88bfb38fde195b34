from pathlib import Path
from typing import Any

import pytest

from streaming import cloud_options, connectors
from streaming.connectors import clouds_of, confs, told
from streaming.errors import ConnectorMissing
from streaming.hadoop import hadoop_version
from streaming.settings import Settings
from triggers.stores.access import AZURE_CONNECTION


def settings(tmp_path: Path, **tables: Any) -> Settings:
    return Settings.model_validate({"state": {"dir": str(tmp_path)}, **tables}, context={"folder": tmp_path})


def test_only_the_clouds_that_spark_must_reach_are_looked_at() -> None:
    assert clouds_of(["file:///x", "s3://b/x", "s3://b/y", "dbfs:/Volumes/x"]) == ["s3"]
    assert clouds_of(["gs://b/x", "abfss://c@a.dfs.core.windows.net/x"]) == ["azure", "gcs"]


def test_every_connector_names_its_packages_with_their_versions() -> None:
    for one in connectors.connectors():
        assert all(len(package.split(":")) == 3 for package in one.packages), one
        assert all(len(package.split(":")) == 2 for package in one.excludes), one


def test_a_session_without_clouds_takes_nothing(tmp_path: Path) -> None:
    assert confs(settings(tmp_path), [], {}) == {}


def test_the_packages_are_added_to_those_of_the_operator(tmp_path: Path) -> None:
    found = confs(settings(tmp_path), ["s3"], {"spark.jars.packages": "org.mine:mine:1"})
    assert found["spark.jars.packages"].startswith(f"org.mine:mine:1,org.apache.hadoop:hadoop-aws:{hadoop_version()},")
    if not hadoop_version().startswith("3.3."):  # whose list names each jar that it wants, and no bundle
        assert "software.amazon.awssdk:bundle" in found["spark.jars.excludes"]


def test_jars_that_were_resolved_once_are_taken_from_where_they_are(tmp_path: Path) -> None:
    jar = tmp_path / "hadoop-aws.jar"
    jar.write_bytes(b"x")
    known = settings(tmp_path)
    connectors.remember(Session(f"file://{jar}"), known, ["s3"])
    assert confs(known, ["s3"], {})["spark.jars"] == f"file://{jar}"
    assert "spark.jars.packages" not in confs(known, ["s3"], {})
    jar.unlink()
    assert "spark.jars.packages" in confs(known, ["s3"], {})


class Session:
    """A session as far as it tells its jars."""

    def __init__(self, jars: str) -> None:
        self.sparkContext = self
        self._jars = jars

    def getConf(self) -> dict[str, str]:  # noqa: N802 - Spark's name
        return {"spark.jars": self._jars}


def test_a_folder_of_jars_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "jars").mkdir()
    (tmp_path / "jars" / "a.jar").write_bytes(b"x")
    known = settings(tmp_path, s3={"connector": "jars"})
    assert confs(known, ["s3"], {})["spark.jars"] == str(tmp_path / "jars" / "a.jar")
    assert told("s3", known) == f"the jars of {tmp_path}/jars"


def test_what_the_platform_provides_is_not_brought(tmp_path: Path) -> None:
    found = confs(settings(tmp_path, s3={"connector": "provided"}), ["s3"], {})
    assert not {name for name in found if name.startswith("spark.jars")}


def test_a_hadoop_that_nothing_is_known_for_names_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "jars").mkdir()
    (tmp_path / "jars" / "hadoop-client-api-3.4.1.jar").write_bytes(b"")
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    with pytest.raises(ConnectorMissing, match=r"Hadoop 3\.4\.1 .*3\.5\.0, 3\.3\.4.*put its jars into a folder"):
        confs(settings(tmp_path), ["s3"], {})


def test_a_folder_without_jars_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there are none in"):
        settings(tmp_path, s3={"connector": "nowhere"})


def test_s3_at_an_address_of_its_own_is_asked_by_path(tmp_path: Path) -> None:
    found = cloud_options.options("s3", settings(tmp_path, s3={"endpoint": "http://127.0.0.1:5000"}))
    assert found["fs.s3a.endpoint"] == "http://127.0.0.1:5000"
    assert found["fs.s3a.path.style.access"] == "true"
    assert found["fs.s3a.connection.ssl.enabled"] == "false"
    assert found["fs.s3a.endpoint.region"] == "us-east-1"


@pytest.mark.parametrize(
    ("table", "provider"),
    [({}, "Default"), ({"anonymous": True}, "Anonymous"), ({"profile": "trades"}, "Profile")],
)
def test_s3s_credentials_come_from_where_the_stores_take_them(tmp_path: Path, table: Any, provider: str) -> None:
    found = cloud_options.options("s3", settings(tmp_path, s3=table))
    assert provider in found["fs.s3a.aws.credentials.provider"]
    assert not {name for name in found if "secret" in name or "access.key" in name}


def test_only_hadoop_for_azure_is_given_the_key_of_the_connection_string() -> None:
    text = "DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=a2V5==;EndpointSuffix=core.chinacloudapi.cn"
    found = cloud_options.secrets("azure", {AZURE_CONNECTION: text})
    assert found == {"fs.azure.account.key.acc.dfs.core.chinacloudapi.cn": "a2V5=="}
    assert cloud_options.secrets("s3", {AZURE_CONNECTION: text}) == {}
    assert cloud_options.secrets("azure", {AZURE_CONNECTION: "AccountName=acc;SharedAccessSignature=sv=1"}) == {}
    assert cloud_options.secrets("azure", {}) == {}


def test_the_key_of_azure_is_not_among_what_java_is_started_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(AZURE_CONNECTION, "AccountName=acc;AccountKey=a2V5")
    provided = settings(tmp_path, azure={"connector": "provided", "endpoint": "https://example.org"})
    assert "a2V5" not in confs(provided, ["azure"], {}).values()


def test_over_http_abfss_is_served_by_the_class_that_needs_no_certificate(tmp_path: Path) -> None:
    azurite = settings(tmp_path, azure={"endpoint": "http://127.0.0.1:10000"})
    private = settings(tmp_path, azure={"endpoint": "https://acc.privatelink.blob.core.windows.net"})
    assert "fs.abfss.impl" in cloud_options.options("azure", azurite)
    assert "fs.abfss.impl" not in cloud_options.options("azure", private)
