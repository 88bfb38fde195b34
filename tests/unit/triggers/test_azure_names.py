"""One blob, many spellings."""

import pytest

from triggers.errors import BadUri
from triggers.stores.azure_names import canonical, place_of, queue_of

ONE = "abfss://trades@myaccount.dfs.core.windows.net/in/a b%20é#?.csv"


@pytest.mark.parametrize(
    "spelling",
    [
        ONE,
        "abfs://trades@myaccount.dfs.core.windows.net/in/a b%20é#?.csv",
        "abfss://trades@myaccount.blob.core.windows.net/in/a b%20é#?.csv",
        "wasbs://trades@myaccount.blob.core.windows.net/in/a b%20é#?.csv",
        "wasb://trades@MyAccount.blob.core.windows.net/in/a b%20é#?.csv",
        "https://myaccount.blob.core.windows.net/trades/in/a%20b%2520%C3%A9%23%3F.csv",
        "https://myaccount.dfs.core.windows.net/trades/in/a%20b%2520%C3%A9%23%3F.csv",
        "https://myaccount.privatelink.blob.core.windows.net/trades/in/a%20b%2520%C3%A9%23%3F.csv",
        "https://myaccount-secondary.blob.core.windows.net/trades/in/a%20b%2520%C3%A9%23%3F.csv?snapshot=x",
    ],
)
def test_all_spellings_of_a_blob_are_one(spelling: str) -> None:
    assert canonical(spelling) == ONE
    assert canonical(canonical(spelling)) == ONE


@pytest.mark.parametrize(
    ("spelling", "uri", "service"),
    [
        (
            "wasbs://c-1@acc.blob.core.chinacloudapi.cn/x",
            "abfss://c-1@acc.dfs.core.chinacloudapi.cn/x",
            "https://acc.blob.core.chinacloudapi.cn",
        ),
        (
            "https://acc.z01.blob.storage.azure.net/c-1/x",
            "abfss://c-1@acc.z01.dfs.storage.azure.net/x",
            "https://acc.z01.blob.storage.azure.net",
        ),
        (
            "abfss://$web@acc.dfs.core.windows.net",
            "abfss://$web@acc.dfs.core.windows.net/",
            "https://acc.blob.core.windows.net",
        ),
    ],
)
def test_other_clouds_zones_and_system_containers_are_kept(spelling: str, uri: str, service: str) -> None:
    place = place_of(spelling)
    assert (place.uri, place.url("blob"), place.key) == (uri, service, "acc")


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "s3://bucket/key",
        "abfss://trades/in/a.csv",
        "abfss://@myaccount.dfs.core.windows.net/a",
        "abfss://Trades@myaccount.dfs.core.windows.net/a",
        "abfss://trades@example.com/a",
        "https://myaccount.blob.core.windows.net",
        "https://myaccount.blob.core.windows.net/ab/x",
        "https://myaccount.blob.core.windows.net/trades/%FF",
        "https://myaccount.file.core.windows.net/trades/a",
    ],
)
def test_what_names_no_blob_says_how_to_write_one(wrong: str) -> None:
    with pytest.raises(BadUri) as raised:
        place_of(wrong)
    assert str(raised.value)


def test_a_folder_is_not_the_beginning_of_a_name() -> None:
    prefix = "abfss://trades@acc.dfs.core.windows.net"
    assert place_of(f"{prefix}/in").folder.uri == place_of(f"{prefix}/in/").folder.uri == f"{prefix}/in/"
    assert place_of(prefix).folder.path == ""


def test_a_queue_is_named_by_its_url() -> None:
    account, name = queue_of("https://acc.queue.core.windows.net/trades")
    assert (account.url("queue"), name) == ("https://acc.queue.core.windows.net", "trades")
    for wrong in ("https://acc.queue.core.windows.net/", "https://acc.queue.core.windows.net/a/b", "trades"):
        with pytest.raises(BadUri):
            queue_of(wrong)
