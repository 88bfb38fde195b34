"""Alembic's entry: one transaction over the connection that sinks.migrate hands in."""

from alembic import context

attributes = context.config.attributes
with attributes["engine"].connect() as connection:
    context.configure(connection=connection, version_table=attributes["version_table"], transactional_ddl=True)
    with context.begin_transaction():
        # Two programs that start at once migrate one after the other.
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7447, 1)")
        context.run_migrations()
