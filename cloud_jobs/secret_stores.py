"""Resolves a job's secrets where it runs, with each cloud's own client and the identity that the job has there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, get_args

from cloud_jobs.errors import CloudJobError
from cloud_jobs.job import SecretStore

#: Which linked service of Synapse leads to the vault; without one the identity of whoever submitted reads it.
LINKED_SERVICE = "SYNAPSE_KEY_VAULT_LINKED_SERVICE"


class SecretsMissing(CloudJobError):
    """A secret could not be read; the message names the variable and the store, never a value."""


def resolved(secrets: Iterable[Sequence[str]]) -> dict[str, str]:
    """Values by variable, of [variable, store, reference] each. Raises SecretsMissing."""
    return {variable: _read(variable, store, reference) for variable, store, reference in secrets}


def _read(variable: str, store: str, reference: str) -> str:
    if store not in get_args(SecretStore):
        raise SecretsMissing(f"{variable}: no secret store is called {store!r}")
    try:
        return _READERS[store](reference)
    except Exception as error:  # each client has errors of its own, and all mean that the job cannot start
        raise SecretsMissing(f"{variable}: {reference} could not be read: {_told(error)}") from error


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no more is known'}"


def _aws(reference: str) -> str:
    import boto3

    region = reference.split(":")[3]
    client: Any = boto3.client("secretsmanager", region_name=region)
    return str(client.get_secret_value(SecretId=reference)["SecretString"])


def _azure(reference: str) -> str:
    from azure.identity import DefaultAzureCredential
    from azure.keyvault.secrets import KeyVaultSecretIdentifier, SecretClient

    named = KeyVaultSecretIdentifier(reference)
    if (synapse := _credentials_of_synapse()) is not None:
        vault, linked = named.vault_url.split("//")[1].partition(".")[0], os.environ.get(LINKED_SERVICE)
        return str(synapse.getSecret(vault, named.name, *([linked] if linked else [])))
    with DefaultAzureCredential() as credential, SecretClient(named.vault_url, credential) as client:
        return client.get_secret(named.name, named.version).value or ""


def _credentials_of_synapse() -> Any:
    """A pool of Synapse has its own way to tokens; None elsewhere. It always reads a secret's newest version.

    https://learn.microsoft.com/azure/synapse-analytics/spark/apache-spark-secure-credentials-with-tokenlibrary
    """
    try:
        from notebookutils import mssparkutils  # type: ignore[import-not-found]  # the platform's own
    except ImportError:
        return None
    return mssparkutils.credentials


def _google(reference: str) -> str:
    from google.cloud import secretmanager

    version = reference if "/versions/" in reference else f"{reference}/versions/latest"
    client = secretmanager.SecretManagerServiceClient()
    return client.access_secret_version(name=version).payload.data.decode()


def _databricks(reference: str) -> str:
    from pyspark.dbutils import DBUtils  # type: ignore[import-not-found]  # the platform's own
    from pyspark.sql import SparkSession

    scope, _, key = reference.partition("/")
    return str(DBUtils(SparkSession.builder.getOrCreate()).secrets.get(scope=scope, key=key))


_READERS: Mapping[str, Callable[[str], str]] = {
    "aws": _aws,
    "azure": _azure,
    "google": _google,
    "databricks": _databricks,
}
