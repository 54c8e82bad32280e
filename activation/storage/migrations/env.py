"""What Alembic runs: one transaction on the connection it was handed, under a lock of the whole database."""

from alembic import context
from sqlalchemy import text

MIGRATION_LOCK = 4_207_849_484

connection = context.config.attributes["connection"]
context.configure(connection=connection, transactional_ddl=True, version_table="schema_version")
with context.begin_transaction():
    # Two servers that start at once must not both migrate.
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    context.run_migrations()
