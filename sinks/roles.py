"""The rights that the ingesting and the reading role need, as SQL for an administrator."""

from importlib import resources


def script() -> str:
    """The SQL of sinks/sql/roles.sql."""
    return (resources.files("sinks") / "sql" / "roles.sql").read_text(encoding="utf-8")
